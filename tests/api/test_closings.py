"""Closings and consolidations: versions, leaves, proofs, and starting a run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.api.conftest import Api, Deployed
from tests.fixtures.night import YESTERDAY, NightWorld
from verification.kit.api_client import ApiClient

DAY = f"/v1/closings/{YESTERDAY}"
TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
def closed(deployed: Deployed, night_world: NightWorld) -> ApiClient:
    """Yesterday, closed with three entries and again with a fourth."""
    for count in (3, 1):
        for _ in range(count):
            deployed.client.record(amount="10.00", occurred_at=f"{YESTERDAY}T09:00:00-03:00")
        deployed.project()
        entries = [stored_entry(item).entry for item in deployed.table.items() if is_entry(item)]
        night_world.ledger.entries = {entry.entry_id: entry for entry in entries}
        # The run of that day, whenever it is now.
        night_world.now = max(entry.recorded_at for entry in entries)
        assert night_world.close()["closed"] == 1
    return deployed.client


def test_versions_are_listed_newest_first(closed: ApiClient) -> None:
    response = closed.get(DAY)
    newest, first = response.json["items"]
    assert (newest["version"], first["version"]) == (2, 1)
    assert newest["balances"][0]["closing"] == "40.00"
    (added,) = newest["changes"]["added"]
    proof = closed.get(f"{DAY}/proof?entry={added}").json
    assert (proof["entry"], proof["leaf"]["amount"], proof["version"]) == (added, "10.00", 2)
    assert closed.get(DAY, if_none_match=response.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "path",
    [
        *("closings/2020-01-01", "closings/2020-01-01/1/leaves"),
        *(f"closings/{YESTERDAY}/3/leaves", f"closings/{YESTERDAY}/proof?entry={'a' * 32}"),
        *(f"consolidations/{YESTERDAY}-{'a' * 32}", f"consolidations/{YESTERDAY}-0"),
        "consolidations/x",
    ],
)
def test_missing_closing_is_not_found(closed: ApiClient, path: str) -> None:
    assert closed.get(f"/v1/{path}").is_problem(404)


def test_versions_come_in_linked_pages(closed: ApiClient) -> None:
    whole = closed.get(DAY).json
    assert whole["next_cursor"] is None
    first = closed.get(f"{DAY}?limit=1")
    cursor = first.json["next_cursor"]
    assert first.headers["link"] == f'<?limit=1&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}?limit=1&cursor={cursor}")
    assert ("link" in second.headers, second.json["next_cursor"]) == (False, None)
    assert first.json["items"] + second.json["items"] == whole["items"]
    of_leaves = closed.get(f"{DAY}/2/leaves?limit=1").json["next_cursor"]
    for wrong in ("x", "", cursor[::-1], of_leaves):
        assert closed.get(f"{DAY}?cursor={wrong}").is_problem(400, "cursor")


def test_leaves_come_in_linked_pages(closed: ApiClient) -> None:
    first = closed.get(f"{DAY}/2/leaves?limit=3")
    cursor = first.json["next_cursor"]
    assert first.headers["link"] == f'<?limit=3&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}/2/leaves?limit=3&cursor={cursor}")
    assert "link" not in second.headers
    entries = [leaf["entry"] for leaf in first.json["items"] + second.json["items"]]
    assert entries == sorted(entries) and len(set(entries)) == 4
    known = {"day": f"{YESTERDAY}", "version": 2, "merchant": closed.merchant_id}
    assert known.items() <= second.json.items()
    assert closed.get(f"{DAY}/1/leaves?cursor=x").is_problem(400, "cursor")


def test_altered_leaves_are_not_shown(closed: ApiClient, night_world: NightWorld) -> None:
    entry_id = closed.get(f"{DAY}/1/leaves").json["items"][0]["entry"]
    altered = "UPDATE entries SET amount_minor = 1 WHERE entry_id = :entry_id"
    night_world.corrupt(altered, entry_id=entry_id)
    for path in (f"proof?entry={entry_id}", "1/leaves", "2/leaves?limit=1"):
        response = closed.get(f"{DAY}/{path}")
        assert (response.status, response.headers["retry-after"]) == (503, "3600")
        assert "differs from the sealed closing" in response.json["detail"]


@pytest.mark.parametrize("day", ["2999-01-01", TOMORROW, "yesterday", 5, None])
def test_day_that_is_not_over_is_rejected(api: Api, day: Any) -> None:
    assert api.accountant.post("/v1/closings", {"day": day}).is_problem(422, "day")
