"""Closings and consolidations: versions, leaves, proofs, and starting a run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.api.conftest import Api, Deployed
from tests.fixtures.night import YESTERDAY, NightWorld
from verification.kit.api_client import ApiClient

DAY = f"/v1/closings/{YESTERDAY}"


@pytest.fixture
def closed(deployed: Deployed, night_world: NightWorld) -> ApiClient:
    """Yesterday, closed with three entries and again with a fourth."""
    for count in (3, 1):
        for _ in range(count):
            record(deployed.client)
        settle(deployed, night_world)
        assert night_world.close()["closed"] == 1
    return deployed.client


def record(client: ApiClient) -> None:
    client.record(amount="10.00", occurred_at=f"{YESTERDAY}T09:00:00-03:00")


def settle(deployed: Deployed, world: NightWorld) -> None:
    """Bring the ledger's entries into the read model, and to the consolidation."""
    deployed.project()
    entries = [stored_entry(item).entry for item in deployed.table.items() if is_entry(item)]
    world.ledger.entries = {entry.entry_id: entry for entry in entries}
    # The run of that day, whenever it is now.
    world.now = max(entry.recorded_at for entry in entries)


def test_versions_are_listed_newest_first(closed: ApiClient) -> None:
    response = closed.get(DAY)
    assert response.status == 200
    assert [item["version"] for item in response.json["items"]] == [2, 1]
    newest = response.json["items"][0]
    assert newest["balances"][0]["closing"] == "40.00"
    assert len(newest["changes"]["added"]) == 1
    assert closed.get(DAY, if_none_match=response.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "path",
    [
        "/v1/closings/2020-01-01",
        "/v1/closings/2020-01-01/1/leaves",
        f"{DAY}/3/leaves",
        f"{DAY}/proof?entry={'a' * 32}",
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
    response = api.viewer.get(path)
    assert response.is_problem(400)
    assert response.error_fields == fields


def test_forged_cursor_of_leaves_is_rejected(closed: ApiClient) -> None:
    assert closed.get(f"{DAY}/1/leaves?cursor=x").error_fields == ["cursor"]


def test_leaves_come_in_linked_pages(closed: ApiClient) -> None:
    first = closed.get(f"{DAY}/2/leaves?limit=3")
    cursor = first.json["next_cursor"]
    assert first.headers["link"] == f'<?limit=3&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}/2/leaves?limit=3&cursor={cursor}")
    assert "link" not in second.headers
    entries = [leaf["entry"] for leaf in first.json["items"] + second.json["items"]]
    assert entries == sorted(entries) and len(set(entries)) == 4
    named = {name: second.json[name] for name in ("day", "version", "merchant")}
    assert named == {"day": str(YESTERDAY), "version": 2, "merchant": closed.merchant_id}


def test_proof_contains_the_leaf_of_an_entry(closed: ApiClient) -> None:
    (entry,) = closed.get(DAY).json["items"][0]["changes"]["added"]
    proof = closed.get(f"{DAY}/proof?entry={entry}").json
    assert (proof["entry"], proof["leaf"]["amount"], proof["version"]) == (entry, "10.00", 2)


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


def test_public_keys_are_listed_by_id(closed: ApiClient, night_world: NightWorld) -> None:
    key_id = f"key-of-{closed.merchant_id}"
    night_world.read_model.store_key(key_id, "-----BEGIN PUBLIC KEY-----")
    response = closed.get("/v1/closings/public-keys")
    assert (response.status, response.json["keys"][key_id]) == (200, "-----BEGIN PUBLIC KEY-----")


def test_balance_shows_status_and_version(deployed: Deployed, closed: ApiClient) -> None:
    balance = closed.get(f"/v1/daily-balances/{YESTERDAY}").json
    assert (balance["status"], balance["version"]) == ("closed", 2)
    record(closed)
    deployed.project()
    balance = closed.get(f"/v1/daily-balances/{YESTERDAY}").json
    assert (balance["status"], balance["version"]) == ("restated", 2)


def test_consolidation_starts_once_and_is_shown(local_api: Api) -> None:
    client = local_api.accountant
    first, again = (client.post("/v1/closings", {"day": "2020-01-31"}, "c1") for _ in range(2))
    assert (first.status, again.status, first.json) == (202, 202, again.json)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    run = client.get(first.headers["location"])
    assert (run.status, run.json["id"]) == (200, first.json["id"])
    assert run.json["status"] in ("running", "succeeded")
    assert local_api.rival.get(first.headers["location"]).is_problem(404)


@pytest.mark.parametrize("name", [f"{YESTERDAY}-{'a' * 32}", f"{YESTERDAY}-0", "x"])
def test_foreign_consolidation_is_not_found(api: Api, name: str) -> None:
    assert api.accountant.get(f"/v1/consolidations/{name}").is_problem(404)


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", 5, None])
def test_day_that_is_not_over_is_rejected(deployed: Deployed, day: Any) -> None:
    response = deployed.client.post("/v1/closings", {"day": day})
    assert (response.status, response.error_fields) == (422, ["day"])
    assert deployed.table.items() == []


def test_today_and_later_days_cannot_be_closed(api: Api) -> None:
    for days in (1, 30):
        day = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
        response = api.accountant.post("/v1/closings", {"day": day})
        assert response.is_problem(422)
        assert response.error_fields == ["day"]


def test_closing_key_is_good_for_one_request(deployed: Deployed) -> None:
    client = deployed.client
    assert client.post("/v1/closings", {"day": "2020-01-31"}, "k").status == 202
    assert client.post("/v1/closings", {"day": "2020-01-30"}, "k").status == 422
    assert client.post("/v1/entries", {"type": "credit", "amount": "1.00"}, "k").status == 422
