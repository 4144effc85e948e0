"""One key, many requests at the same moment: one entry, and the same answer to all."""

from collections import Counter
from functools import partial

from local.cloud import Cloud
from tests.fixtures.threads import together
from tests.web.asking import ApiClient, Told

SALE = {"type": "credit", "amount": "150.75"}
OTHER = {"type": "credit", "amount": "1.00"}
AT_ONCE = 200
TRIES = 20


def insisted(asker: ApiClient, path: str, body: dict[str, str], key: str) -> Told:
    """Post, and again with the same key where a crowd on a slow machine is told to (503)."""
    for _ in range(TRIES):
        response = asker.post(path, body, key)
        if response.status != 503:
            break
    return response


def entries_of(cloud: Cloud, asker: ApiClient) -> int:
    """Return how many entries of the merchant the ledger holds."""
    table = cloud.deployment.variables["ENTRIES_TABLE"]
    pages = cloud.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"]]
    wanted = ("entry", asker.merchant_id)
    return sum((item["kind"]["S"], item["merchant_id"]["S"]) == wanted for item in items)


def test_200_posts_with_one_key_make_one_entry_and_one_answer(
    cloud: Cloud, asker: ApiClient
) -> None:
    answers: list[Told] = []
    together(*[lambda: answers.append(insisted(asker, "/v1/entries", SALE, "k"))] * AT_ONCE)
    assert Counter(result.status for result in answers) == {201: AT_ONCE}
    assert len({result.text for result in answers}) == 1
    assert entries_of(cloud, asker) == 1
    assert sum("Idempotent-Replayed" not in result.headers for result in answers) >= 1


def test_of_two_bodies_at_once_under_one_key_one_wins(cloud: Cloud, asker: ApiClient) -> None:
    answers: list[tuple[str, Told]] = []

    def post(body: dict[str, str]) -> None:
        answers.append((body["amount"], insisted(asker, "/v1/entries", body, "k")))

    together(*[lambda: post(SALE), lambda: post(OTHER)] * (AT_ONCE // 2))
    won = {amount for amount, result in answers if result.status == 201}
    statuses = Counter(result.status for _, result in answers)
    assert len(won) == 1
    assert statuses == {201: AT_ONCE // 2, 422: AT_ONCE // 2}
    assert entries_of(cloud, asker) == 1
    (amount,) = won
    assert asker.post("/v1/entries", OTHER if amount == "150.75" else SALE, "k").status == 422


def test_of_many_reversals_at_once_one_wins(cloud: Cloud, asker: ApiClient) -> None:
    path = f"/v1/entries/{asker.post('/v1/entries', SALE, 'e').json['id']}/reversal"
    answers: list[Told] = []

    def post(key: str) -> None:
        answers.append(insisted(asker, path, {"reason": "x"}, key))

    together(*[partial(post, f"r-{number}") for number in range(50)])
    assert Counter(result.status for result in answers) == {201: 1, 409: 49}
    assert entries_of(cloud, asker) == 2


def test_one_reversal_sent_many_times_is_answered_alike(cloud: Cloud, asker: ApiClient) -> None:
    path = f"/v1/entries/{asker.post('/v1/entries', SALE, 'e').json['id']}/reversal"
    answers: list[Told] = []
    together(*[lambda: answers.append(insisted(asker, path, {"reason": "x"}, "r"))] * 50)
    assert Counter(result.status for result in answers) == {201: 50}
    assert len({result.text for result in answers}) == 1
    assert asker.post(path, {"reason": "x"}, "e").status == 422
    assert asker.post("/v1/entries", SALE, "r").status == 422
    assert entries_of(cloud, asker) == 2
