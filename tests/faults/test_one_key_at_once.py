"""Many concurrent requests with one key: one entry, and the same response to all."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from local.cloud import Cloud
from tests.fixtures.threads import crowd
from verification.kit.api_client import ApiClient, Response

BODIES = [{"type": "credit", "amount": amount} for amount in ("150.75", "1.00")]
REASON = {"reason": "x"}
TRIES = 20


def post_at_once(
    client: ApiClient, path: str, count: int, sent: Callable[[int], tuple[Any, str]]
) -> list[Response]:
    """Post the body and key of each number; repeat a 503, which a slow machine may respond."""

    def insist(number: int) -> Response:
        for _ in range(TRIES):
            response = client.post(path, *sent(number))
            if response.status != 503:
                break
        return response

    return [response for response in crowd(count, insist) if isinstance(response, Response)]


def statuses(responses: list[Response]) -> Counter[int]:
    return Counter(response.status for response in responses)


def entries_of(cloud: Cloud, client: ApiClient) -> int:
    """Return the number of the merchant's entries in the ledger."""
    table = cloud.deployment.variables["ENTRIES_TABLE"]
    pages = cloud.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"]]
    wanted = ("entry", client.merchant_id)
    return sum((item["kind"]["S"], item["merchant_id"]["S"]) == wanted for item in items)


@pytest.mark.parametrize("bodies", [1, 2])
def test_one_body_wins_the_key(cloud: Cloud, client: ApiClient, bodies: int) -> None:
    responses = post_at_once(client, "/v1/entries", 200, lambda n: (BODIES[n % bodies], "k"))
    assert statuses(responses) == {1: {201: 200}, 2: {201: 100, 422: 100}}[bodies]
    won = {response.text for response in responses if response.status == 201}
    assert len(won) == entries_of(cloud, client) == 1
    for body in BODIES:
        again = client.post("/v1/entries", body, "k")
        assert again.status == (201 if again.text in won else 422)


@pytest.mark.parametrize("keys", [1, 50])
def test_one_reversal_wins(cloud: Cloud, client: ApiClient, keys: int) -> None:
    path = f"/v1/entries/{client.post('/v1/entries', BODIES[0], 'e').json['id']}/reversal"
    responses = post_at_once(client, path, 50, lambda number: (REASON, f"r-{number % keys}"))
    assert statuses(responses) == {1: {201: 50}, 50: {201: 1, 409: 49}}[keys]
    assert len({response.text for response in responses if response.status == 201}) == 1
    assert client.post(path, REASON, "e").status == 422
    assert client.post("/v1/entries", BODIES[0], "e").status == 201
    assert entries_of(cloud, client) == 2
