"""Reading closings: versions, pages of leaves, proofs, and the status of a day."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import verify
from chalicelib.ledger.balances import DayStatus
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.errors import InvalidQueryError, NotFoundError, ReadModelUnavailableError
from chalicelib.ledger.seals import JsonObject
from chalicelib.queries.closings import Version, closings, leaves, proof
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.verify.book import KEY_ID, pem, private_key

FIRST = Version(YESTERDAY, 1)
ALTERATIONS = ("UPDATE entries SET amount_minor = 1", "DELETE FROM entries")


@pytest.fixture
def closed(night_world: NightWorld) -> NightWorld:
    """Yesterday in two versions: seven entries, then an eighth."""
    night_world.record(*(sale(night_world.merchant, f"{number}") for number in range(7)))
    night_world.close()
    night_world.record(sale(night_world.merchant, "late"))
    night_world.close()
    return night_world


def test_a_page_holds_fifty_leaves(read_model: ReadModel, night_world: NightWorld) -> None:
    night_world.record(*(sale(night_world.merchant, f"{number}") for number in range(51)))
    night_world.close()
    assert len(leaves(read_model, night_world.merchant, FIRST).items) == 50


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 200])
@pytest.mark.parametrize("version", [1, 2])
def test_the_pages_are_the_sealed_leaves(
    read_model: ReadModel, closed: NightWorld, version: int, limit: int
) -> None:
    result: list[JsonObject] = []
    cursor: str | None = None
    while not result or cursor is not None:
        page = leaves(read_model, closed.merchant, Version(YESTERDAY, version), limit, cursor)
        assert len(page.items) <= limit
        result += page.items
        cursor = page.next_cursor
    root = closed.closings()[version - 1]["entries_root"]
    assert result == json.loads(closed.bucket[f"leaves/{closed.merchant}/{root}.json"])["items"]
    sealed = closed.read_model.closing((closed.merchant, version))[1]
    assert [canonical_json(leaf) for leaf in result] == sealed


def test_a_full_page_of_leaves_ends_early(read_model: ReadModel, closed: NightWorld) -> None:
    pages, cursor = list[list[JsonObject]](), None
    while not pages or cursor is not None:
        page = leaves(
            read_model, closed.merchant, FIRST, 200, cursor, lambda items: min(3, len(items))
        )
        pages.append(list(page.items))
        cursor = page.next_cursor
    assert [len(items) for items in pages] == [3, 3, 1]
    whole = leaves(read_model, closed.merchant, FIRST, 200).items
    assert [leaf for items in pages for leaf in items] == whole


def test_a_cursor_needs_its_merchant_and_version(read_model: ReadModel, closed: NightWorld) -> None:
    cursor = leaves(read_model, closed.merchant, FIRST, 2).next_cursor
    assert cursor is not None
    others = [("nobody", FIRST), (closed.merchant, Version(YESTERDAY, 2))]
    for merchant, version in others:
        with pytest.raises(InvalidQueryError):
            leaves(read_model, merchant, version, 2, cursor)
    for forged in ("", "x", cursor[:-1], cursor[::-1], cursor + "A"):
        with pytest.raises(InvalidQueryError):
            leaves(read_model, closed.merchant, FIRST, 2, forged)


def test_the_checker_accepts_every_proof(
    read_model: ReadModel, closed: NightWorld, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": {KEY_ID: pem(private_key())}}))
    for entry_id in closed.ledger.entries:
        shown = proof(read_model, closed.merchant, YESTERDAY, entry_id)
        assert (shown["version"], shown["leaf"]["entry"]) == (2, entry_id)
        (tmp_path / f"proof-{entry_id}.json").write_text(json.dumps(shown))
    files = [str(file) for file in tmp_path.glob("proof-*.json")]
    assert len(files) == 8
    assert verify.main(["--keys", str(keys), "--proof", *files]) == 0


def test_an_unsealed_entry_has_no_proof(read_model: ReadModel, closed: NightWorld) -> None:
    late = sale(closed.merchant, "later")
    closed.record(late)
    for entry_id in (late.entry_id, "a" * 32, "", "not an id", '"'):
        with pytest.raises(NotFoundError):
            proof(read_model, closed.merchant, YESTERDAY, entry_id)


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_an_altered_entry_has_no_proof(
    read_model: ReadModel, closed: NightWorld, alteration: str
) -> None:
    entry_id = next(iter(closed.ledger.entries))
    closed.corrupt(f"{alteration} WHERE entry_id = :entry_id", entry_id=entry_id)
    with pytest.raises(ReadModelUnavailableError):
        proof(read_model, closed.merchant, YESTERDAY, entry_id)
    closed.night()
    assert proof(read_model, closed.merchant, YESTERDAY, entry_id)["entry"] == entry_id


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_altered_leaves_are_unavailable(
    read_model: ReadModel, closed: NightWorld, alteration: str
) -> None:
    first = leaves(read_model, closed.merchant, FIRST, 3)
    last = leaves(read_model, closed.merchant, FIRST, 7).items[-1]["entry"]
    closed.corrupt(f"{alteration} WHERE entry_id = :entry_id", entry_id=last)
    for version in (1, 2):
        for limit in (1, 200):
            with pytest.raises(ReadModelUnavailableError):
                leaves(read_model, closed.merchant, Version(YESTERDAY, version), limit)
    with pytest.raises(ReadModelUnavailableError):
        leaves(read_model, closed.merchant, FIRST, 3, first.next_cursor)
    closed.night()
    assert leaves(read_model, closed.merchant, FIRST, 3) == first


def test_a_later_version_affects_no_earlier_version(
    read_model: ReadModel, closed: NightWorld
) -> None:
    (late,) = closings(read_model, closed.merchant, YESTERDAY)[0]["changes"]["added"]
    closed.corrupt(f"{ALTERATIONS[0]} WHERE entry_id = :entry_id", entry_id=late)
    assert len(leaves(read_model, closed.merchant, FIRST).items) == 7
    with pytest.raises(ReadModelUnavailableError):
        leaves(read_model, closed.merchant, Version(YESTERDAY, 2))


def test_a_day_is_open_closed_or_restated(read_model: ReadModel, night_world: NightWorld) -> None:
    def status() -> DayStatus:
        query = BalanceQuery(night_world.merchant, YESTERDAY, YESTERDAY, None, "BRL")
        return balances(read_model, query)[0][0].day_status

    assert status() == DayStatus("open", None)
    night_world.record(sale(night_world.merchant, "a"))
    assert status() == DayStatus("open", None)
    night_world.close()
    assert status() == DayStatus("closed", 1)
    night_world.record(sale(night_world.merchant, "late"))
    assert status() == DayStatus("restated", 1)
    night_world.close()
    assert status() == DayStatus("closed", 2)


def test_a_late_entry_restates_no_other_day(read_model: ReadModel, night_world: NightWorld) -> None:
    days = [YESTERDAY - timedelta(days=back) for back in (2, 1, 0)]
    night_world.record(*(sale(night_world.merchant, f"{day}", day) for day in days))
    night_world.night()
    night_world.record(sale(night_world.merchant, "late", days[1]))
    query = BalanceQuery(night_world.merchant, days[0], days[2], None, "BRL")
    result, _ = balances(read_model, query)
    assert [day.day_status.status for day in result] == ["closed", "restated", "closed"]


def test_public_keys_are_stored_at_first_use(
    read_model: ReadModel, night_world: NightWorld
) -> None:
    key_id = f"key-of-{night_world.merchant}"
    for public_key in ("FIRST", "SECOND"):
        night_world.read_model.store_key(key_id, public_key)
    assert read_model.public_keys()[key_id] == "FIRST"


def test_a_merchant_reads_only_its_closings(read_model: ReadModel, closed: NightWorld) -> None:
    other = replace(closed, merchant=f"{closed.merchant}-rival", ledger=type(closed.ledger)())
    other.record(sale(other.merchant, "a"))
    other.close()
    assert len(closings(read_model, other.merchant, YESTERDAY)) == 1
    (mine, *_) = closed.ledger.entries
    with pytest.raises(NotFoundError):
        proof(read_model, other.merchant, YESTERDAY, mine)
