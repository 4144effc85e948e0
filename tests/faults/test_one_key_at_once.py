"""Many concurrent requests with one key: one entry, and the same response to all."""

from collections import Counter
from functools import partial

from local.cloud import Cloud
from tests.fixtures.threads import together
from verification.kit.api_client import ApiClient, Response

SALE = {"type": "credit", "amount": "150.75"}
OTHER = {"type": "credit", "amount": "1.00"}
AT_ONCE = 200
TRIES = 20


def insist(client: ApiClient, path: str, body: dict[str, str], key: str) -> Response:
    """Post, and repeat while the response is a 503, as it may be on a slow machine."""
    for _ in range(TRIES):
        response = client.post(path, body, key)
        if response.status != 503:
            break
    return response


def entries_of(cloud: Cloud, client: ApiClient) -> int:
    """Return the number of the merchant's entries in the ledger."""
    table = cloud.deployment.variables["ENTRIES_TABLE"]
    pages = cloud.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"]]
    wanted = ("entry", client.merchant_id)
    return sum((item["kind"]["S"], item["merchant_id"]["S"]) == wanted for item in items)


def test_200_posts_of_one_key_make_one_entry(cloud: Cloud, client: ApiClient) -> None:
    responses: list[Response] = []
    together(*[lambda: responses.append(insist(client, "/v1/entries", SALE, "k"))] * AT_ONCE)
    assert Counter(response.status for response in responses) == {201: AT_ONCE}
    assert len({response.text for response in responses}) == 1
    assert entries_of(cloud, client) == 1
    assert sum("idempotent-replayed" not in response.headers for response in responses) >= 1


def test_one_of_two_bodies_wins_the_key(cloud: Cloud, client: ApiClient) -> None:
    responses: list[tuple[str, Response]] = []

    def post(body: dict[str, str]) -> None:
        responses.append((body["amount"], insist(client, "/v1/entries", body, "k")))

    together(*[lambda: post(SALE), lambda: post(OTHER)] * (AT_ONCE // 2))
    won = {amount for amount, response in responses if response.status == 201}
    statuses = Counter(response.status for _, response in responses)
    assert len(won) == 1
    assert statuses == {201: AT_ONCE // 2, 422: AT_ONCE // 2}
    assert entries_of(cloud, client) == 1
    (amount,) = won
    assert client.post("/v1/entries", OTHER if amount == "150.75" else SALE, "k").status == 422


def test_one_of_many_reversals_wins(cloud: Cloud, client: ApiClient) -> None:
    path = f"/v1/entries/{client.post('/v1/entries', SALE, 'e').json['id']}/reversal"
    responses: list[Response] = []

    def post(key: str) -> None:
        responses.append(insist(client, path, {"reason": "x"}, key))

    together(*[partial(post, f"r-{number}") for number in range(50)])
    assert Counter(response.status for response in responses) == {201: 1, 409: 49}
    assert entries_of(cloud, client) == 2


def test_repeated_reversal_gets_one_response(cloud: Cloud, client: ApiClient) -> None:
    path = f"/v1/entries/{client.post('/v1/entries', SALE, 'e').json['id']}/reversal"
    responses: list[Response] = []
    together(*[lambda: responses.append(insist(client, path, {"reason": "x"}, "r"))] * 50)
    assert Counter(response.status for response in responses) == {201: 50}
    assert len({response.text for response in responses}) == 1
    assert client.post(path, {"reason": "x"}, "e").status == 422
    assert client.post("/v1/entries", SALE, "r").status == 422
    assert entries_of(cloud, client) == 2
