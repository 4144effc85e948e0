"""Closings and consolidations: versions, leaves, proofs, and starting a run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.closing.run_summary import RunSummaries
from chalicelib.queries import wiring as queries_wiring
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
        "/v1/closings/2020-01-01",
        "/v1/closings/2020-01-01/1/leaves",
        f"{DAY}/3/leaves",
        f"{DAY}/proof?entry={'a' * 32}",
        f"/v1/consolidations/{YESTERDAY}-{'a' * 32}",
        f"/v1/consolidations/{YESTERDAY}-0",
        "/v1/consolidations/x",
    ],
)
def test_missing_closing_is_not_found(closed: ApiClient, path: str) -> None:
    assert closed.get(path).is_problem(404)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/closings/yesterday", ["day"]),
        ("/v1/closings/public_keys", ["day"]),
        (f"{DAY}/0/leaves", ["version"]),
        (f"{DAY}/x/leaves?limit=0&q=1", ["limit", "q", "version"]),
        (f"{DAY}/9999999999/leaves", ["version"]),
        (f"{DAY}/proof", ["entry"]),
        (f"{DAY}/proof?entry=x", ["entry"]),
    ],
)
def test_all_invalid_parameters_are_named(api: Api, path: str, fields: list[str]) -> None:
    assert api.viewer.get(path).is_problem(400, *fields)


def test_leaves_come_in_linked_pages(closed: ApiClient) -> None:
    first = closed.get(f"{DAY}/2/leaves?limit=3")
    cursor = first.json["next_cursor"]
    assert first.headers["link"] == f'<?limit=3&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}/2/leaves?limit=3&cursor={cursor}")
    assert "link" not in second.headers
    entries = [leaf["entry"] for leaf in first.json["items"] + second.json["items"]]
    assert entries == sorted(entries) and len(set(entries)) == 4
    names = [second.json[name] for name in ("day", "version", "merchant")]
    assert names == [str(YESTERDAY), 2, closed.merchant_id]
    assert closed.get(f"{DAY}/1/leaves?cursor=x").is_problem(400, "cursor")


@pytest.mark.parametrize("path", ["proof?entry={}", "1/leaves", "2/leaves?limit=1"])
def test_altered_leaves_are_not_shown(
    closed: ApiClient, night_world: NightWorld, path: str
) -> None:
    entry_id = closed.get(f"{DAY}/1/leaves").json["items"][0]["entry"]
    altered = "UPDATE entries SET amount_minor = 1 WHERE entry_id = :entry_id"
    night_world.corrupt(altered, entry_id=entry_id)
    response = closed.get(f"{DAY}/{path.format(entry_id)}")
    assert (response.status, response.headers["retry-after"]) == (503, "3600")
    assert "differs from the sealed closing" in response.json["detail"]


@pytest.mark.parametrize("day", ["2999-01-01", TOMORROW, "yesterday", 5, None])
def test_day_that_is_not_over_is_rejected(api: Api, day: Any) -> None:
    assert api.accountant.post("/v1/closings", {"day": day}).is_problem(422, "day")


def test_forgotten_run_is_still_readable(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step Functions forgets a run 90 days after its end."""
    started = deployed.client.post("/v1/closings", {"day": f"{YESTERDAY}"})
    run_id = started.json["id"]
    path = f"/v1/consolidations/{run_id}"
    assert deployed.client.get(path).json["status"] in ("running", "succeeded")
    monkeypatch.setattr(queries_wiring, "describe_consolidation", lambda: lambda _name: None)
    summary = {"merchants": 1, "closed": 2, "repaired": 0, "failed": 0}
    ended = {"succeeded": True, "stopped_at": "2026-11-23T15:01:00.000Z"}
    RunSummaries(deployed.table.client, deployed.table.name).store(run_id, summary | ended)
    run = deployed.client.get(path).json
    assert run.pop("started_at").endswith("Z")
    stopped_at = {"stopped_at": ended["stopped_at"]}
    assert run == {"id": run_id, "status": "succeeded", **stopped_at, **summary}
