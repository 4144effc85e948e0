"""Closings over HTTP: versions, leaves and proofs, and a consolidation that a merchant starts."""

from typing import Any

import pytest

from chalicelib.api.admission import CLOSE, READ, WRITE
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.fixtures.night import YESTERDAY, NightWorld
from tests.web.asking import ApiClient
from tests.web.conftest import Deployed

DAY = f"/v1/closings/{YESTERDAY}"


@pytest.fixture
def closed(deployed: Deployed, night_world: NightWorld) -> ApiClient:
    """Yesterday, closed with three entries and again with a fourth."""
    for count in (3, 1):
        for _ in range(count):
            record(deployed.asker)
        settle(deployed, night_world)
        assert night_world.close()["closed"] == 1
    return deployed.asker


def record(asker: ApiClient) -> str:
    entry = {"type": "credit", "amount": "10.00", "occurred_at": f"{YESTERDAY}T09:00:00-03:00"}
    response = asker.post("/v1/entries", entry)
    assert response.status == 201
    return str(response.json["id"])


def settle(deployed: Deployed, world: NightWorld) -> None:
    """Carry the ledger into the read model, and show it to the night."""
    deployed.project()
    entries = [stored_entry(one).entry for one in deployed.table.items() if is_entry(one)]
    world.ledger.entries = {one.entry_id: one for one in entries}
    # The night of that day, whenever it is now.
    world.now = max(entry.recorded_at for entry in entries)


def test_a_days_versions_are_answered_newest_first(closed: ApiClient) -> None:
    result = closed.get(DAY)
    assert result.status == 200
    assert [item["version"] for item in result.json["items"]] == [2, 1]
    newest = result.json["items"][0]
    assert newest["balances"][0]["closing"] == "40.00"
    assert len(newest["changes"]["added"]) == 1


def test_what_has_not_changed_is_not_sent_again(closed: ApiClient) -> None:
    tag = closed.get(DAY).headers["ETag"]
    assert closed.get(DAY, if_none_match=tag).status == 304


@pytest.mark.parametrize(
    "path",
    [
        "/v1/closings/2020-01-01",
        "/v1/closings/2020-01-01/1/leaves",
        f"{DAY}/3/leaves",
        f"{DAY}/proof?entry={'a' * 32}",
    ],
)
def test_what_is_not_there_is_not_found(closed: ApiClient, path: str) -> None:
    assert closed.get(path).status == 404


@pytest.mark.parametrize(
    ("path", "faults"),
    [
        ("/v1/closings/yesterday", ["day"]),
        ("/v1/closings/public_keys", ["day"]),
        (f"{DAY}/0/leaves", ["version"]),
        (f"{DAY}/x/leaves?limit=0&q=1", ["limit", "q", "version"]),
        (f"{DAY}/9999999999/leaves", ["version"]),
        (f"{DAY}/1/leaves?cursor=x", ["cursor"]),
        (f"{DAY}/proof", ["entry"]),
        (f"{DAY}/proof?entry=x", ["entry"]),
    ],
)
def test_what_cannot_be_read_is_told_whole(closed: ApiClient, path: str, faults: list[str]) -> None:
    result = closed.get(path)
    assert (result.status, result.faults) == (400, faults)


def test_leaves_come_in_pages_with_links(closed: ApiClient) -> None:
    first = closed.get(f"{DAY}/2/leaves?limit=3")
    cursor = first.json["next_cursor"]
    assert first.headers["Link"] == f'<?limit=3&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}/2/leaves?limit=3&cursor={cursor}")
    assert "Link" not in second.headers
    entries = [leaf["entry"] for leaf in first.json["items"] + second.json["items"]]
    assert entries == sorted(entries) and len(set(entries)) == 4
    named = {name: second.json[name] for name in ("day", "version")}
    assert named == {"day": str(YESTERDAY), "version": 2}


def test_an_entry_is_proved(closed: ApiClient) -> None:
    (entry,) = closed.get(DAY).json["items"][0]["changes"]["added"]
    result = closed.get(f"{DAY}/proof?entry={entry}").json
    assert (result["entry"], result["leaf"]["amount"], result["version"]) == (entry, "10.00", 2)


@pytest.mark.parametrize("path", ["proof?entry={}", "1/leaves", "2/leaves?limit=1"])
def test_what_is_not_as_it_was_sealed_is_not_given(
    closed: ApiClient, night_world: NightWorld, path: str
) -> None:
    one = closed.get(f"{DAY}/1/leaves").json["items"][0]["entry"]
    night_world.corrupt("UPDATE entries SET amount_minor = 1 WHERE entry_id = :one", one=one)
    result = closed.get(f"{DAY}/{path.format(one)}")
    assert (result.status, result.headers["Retry-After"]) == (503, "3600")
    assert "what was sealed" in result.json["detail"]


def test_public_keys_are_told_by_their_ids(closed: ApiClient, night_world: NightWorld) -> None:
    key_id = f"key-of-{closed.merchant_id}"
    night_world.books.keep_key(key_id, "-----BEGIN PUBLIC KEY-----")
    result = closed.get("/v1/closings/public-keys")
    assert (result.status, result.json["keys"][key_id]) == (200, "-----BEGIN PUBLIC KEY-----")


def test_a_day_with_a_closing_says_so_in_its_balance(deployed: Deployed, closed: ApiClient) -> None:
    result = closed.get(f"/v1/daily-balances/{YESTERDAY}").json
    assert (result["status"], result["version"]) == ("closed", 2)
    record(closed)
    deployed.project()
    result = closed.get(f"/v1/daily-balances/{YESTERDAY}").json
    assert (result["status"], result["version"]) == ("restated", 2)


def test_a_consolidation_is_started_once_and_shown(deployed: Deployed) -> None:
    asker = deployed.asker
    first, again = (asker.post("/v1/closings", {"day": "2020-01-31"}, "c1") for _ in range(2))
    assert (first.status, again.status, first.json) == (202, 202, again.json)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (
        None,
        "true",
    )
    shown = asker.get(first.headers["Location"])
    assert (shown.status, shown.json["id"]) == (200, first.json["id"])
    assert shown.json["status"] in ("running", "succeeded")
    assert ApiClient("rival").get(first.headers["Location"]).status == 404


@pytest.mark.parametrize("name", [f"{YESTERDAY}-{'a' * 32}", f"{YESTERDAY}-0", "x"])
def test_a_consolidation_that_this_merchant_did_not_start_is_not_found(
    deployed: Deployed, name: str
) -> None:
    assert deployed.asker.get(f"/v1/consolidations/{name}").status == 404


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", 5, None])
def test_a_day_that_is_not_over_is_refused(deployed: Deployed, day: Any) -> None:
    response = deployed.asker.post("/v1/closings", {"day": day})
    assert (response.status, response.faults) == (422, ["day"])
    assert deployed.table.items() == []


def test_a_key_is_good_for_one_request_of_any_kind(deployed: Deployed) -> None:
    asker = deployed.asker
    assert asker.post("/v1/closings", {"day": "2020-01-31"}, "k").status == 202
    assert asker.post("/v1/closings", {"day": "2020-01-30"}, "k").status == 422
    assert asker.post("/v1/entries", {"type": "credit", "amount": "1.00"}, "k").status == 422


@pytest.mark.parametrize("scopes", [(READ,), (READ, WRITE)])
def test_who_may_not_close_starts_nothing(deployed: Deployed, scopes: tuple[str, ...]) -> None:
    asker = ApiClient(deployed.asker.merchant_id, scopes=scopes)
    assert asker.post("/v1/closings", {"day": "2020-01-31"}).status == 403
    assert asker.get(f"/v1/consolidations/2020-01-31-{'a' * 32}").status == 403
    assert ApiClient("padaria", scopes=(CLOSE,)).get(DAY).status == 403
