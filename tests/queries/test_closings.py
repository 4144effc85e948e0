"""Closings as they are read: versions, leaves in pages, proofs, and where a day stands."""

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
from chalicelib.queries.closing_reads import PostgresClosings
from chalicelib.queries.closings import Version, closings, leaves, proof
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.verify.book import KEY_ID, pem, private_key

FIRST = Version(YESTERDAY, 1)


@pytest.fixture
def reads(read_model: ReadModel) -> PostgresClosings:
    return PostgresClosings(read_model)


@pytest.fixture
def closed(night_world: NightWorld) -> NightWorld:
    """Yesterday in two versions: seven entries, then an eighth."""
    night_world.record(*(sale(night_world.merchant, f"{number}") for number in range(7)))
    night_world.close()
    night_world.record(sale(night_world.merchant, "late"))
    night_world.close()
    return night_world


def test_all_versions_are_answered_newest_first(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    result = closings(reads, closed.merchant, YESTERDAY)
    assert result == list(reversed(closed.closings()))
    assert [one["version"] for one in result] == [2, 1]


def test_a_day_without_a_closing_is_not_found(reads: PostgresClosings, closed: NightWorld) -> None:
    for merchant, day in ((closed.merchant, YESTERDAY - timedelta(1)), ("nobody", YESTERDAY)):
        with pytest.raises(NotFoundError):
            closings(reads, merchant, day)


def test_a_page_holds_fifty_leaves(reads: PostgresClosings, night_world: NightWorld) -> None:
    night_world.record(*(sale(night_world.merchant, f"{number}") for number in range(51)))
    night_world.close()
    assert len(leaves(reads, night_world.merchant, FIRST).items) == 50


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 200])
@pytest.mark.parametrize("version", [1, 2])
def test_the_pages_together_are_the_leaves_as_they_were_sealed(
    reads: PostgresClosings, closed: NightWorld, version: int, limit: int
) -> None:
    result: list[JsonObject] = []
    cursor: str | None = None
    while True:
        page = leaves(reads, closed.merchant, Version(YESTERDAY, version), limit, cursor)
        assert len(page.items) <= limit
        result += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    kept = json.loads(closed.bucket[f"leaves/{closed.merchant}/{version:010d}.json"])
    assert result == kept["items"]
    assert [canonical_json(one) for one in result] == closed.read_model.closing(
        (closed.merchant, version)
    )[1]


def test_the_leaves_of_a_version_that_is_not_there_are_not_found(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    for merchant, version in ((closed.merchant, Version(YESTERDAY, 3)), ("nobody", FIRST)):
        with pytest.raises(NotFoundError):
            leaves(reads, merchant, version)


def test_a_cursor_is_good_for_its_merchant_and_version_alone(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    cursor = leaves(reads, closed.merchant, FIRST, 2).next_cursor
    assert cursor is not None
    others = [("nobody", FIRST), (closed.merchant, Version(YESTERDAY, 2))]
    for merchant, version in others:
        with pytest.raises(InvalidQueryError):
            leaves(reads, merchant, version, 2, cursor)
    for forged in ("", "x", cursor[:-1], cursor[::-1], cursor + "A"):
        with pytest.raises(InvalidQueryError):
            leaves(reads, closed.merchant, FIRST, 2, forged)


def test_the_proof_of_every_entry_is_believed_by_the_checker(
    reads: PostgresClosings, closed: NightWorld, tmp_path: Path
) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": {KEY_ID: pem(private_key())}}))
    names = []
    for entry_id in closed.ledger.entries:
        shown = proof(reads, closed.merchant, YESTERDAY, entry_id)
        assert (shown["version"], shown["leaf"]["entry"]) == (2, entry_id)
        names.append(tmp_path / f"proof-{entry_id}.json")
        names[-1].write_text(json.dumps(shown))
    files = [str(name) for name in names]
    assert verify.main(["--keys", str(tmp_path / "keys.json"), "--proof", *files]) == 0


@pytest.mark.parametrize("entry_id", ["a" * 32, "", "no id", '"'])
def test_an_entry_that_the_day_does_not_hold_has_no_proof(
    reads: PostgresClosings, closed: NightWorld, entry_id: str
) -> None:
    with pytest.raises(NotFoundError):
        proof(reads, closed.merchant, YESTERDAY, entry_id)


def test_an_entry_that_came_after_the_closing_has_no_proof_yet(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    late = sale(closed.merchant, "later")
    closed.record(late)
    with pytest.raises(NotFoundError):
        proof(reads, closed.merchant, YESTERDAY, late.entry_id)


def test_no_proof_is_given_that_would_not_hold(reads: PostgresClosings, closed: NightWorld) -> None:
    one = next(iter(closed.ledger.entries))
    closed.corrupt("UPDATE entries SET amount_minor = 1 WHERE entry_id = :one", one=one)
    with pytest.raises(ReadModelUnavailableError):
        proof(reads, closed.merchant, YESTERDAY, one)
    closed.night()
    assert proof(reads, closed.merchant, YESTERDAY, one)["entry"] == one


@pytest.mark.parametrize("altered", ["UPDATE entries SET amount_minor = 1", "DELETE FROM entries"])
def test_no_leaf_is_given_of_a_version_that_would_not_hold(
    reads: PostgresClosings, closed: NightWorld, altered: str
) -> None:
    first = leaves(reads, closed.merchant, FIRST, 3)
    last = leaves(reads, closed.merchant, FIRST, 7).items[-1]["entry"]
    closed.corrupt(f"{altered} WHERE entry_id = :one", one=last)
    for version in (1, 2):
        for limit in (1, 200):
            with pytest.raises(ReadModelUnavailableError):
                leaves(reads, closed.merchant, Version(YESTERDAY, version), limit)
    with pytest.raises(ReadModelUnavailableError):
        leaves(reads, closed.merchant, FIRST, 3, first.next_cursor)
    closed.night()
    assert leaves(reads, closed.merchant, FIRST, 3) == first


def test_an_entry_of_a_later_version_alone_makes_no_earlier_one_doubtful(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    (late,) = closings(reads, closed.merchant, YESTERDAY)[0]["changes"]["added"]
    closed.corrupt("UPDATE entries SET amount_minor = 1 WHERE entry_id = :one", one=late)
    assert len(leaves(reads, closed.merchant, FIRST).items) == 7
    with pytest.raises(ReadModelUnavailableError):
        leaves(reads, closed.merchant, Version(YESTERDAY, 2))


def test_a_day_whose_entries_are_all_gone_proves_nothing_and_denies_nothing(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    one = next(iter(closed.ledger.entries))
    closed.corrupt("DELETE FROM entries WHERE merchant_id = :one", one=closed.merchant)
    with pytest.raises(ReadModelUnavailableError):
        proof(reads, closed.merchant, YESTERDAY, one)
    with pytest.raises(ReadModelUnavailableError):
        leaves(reads, closed.merchant, FIRST)


def test_a_day_stands_open_closed_or_restated(
    read_model: ReadModel, night_world: NightWorld
) -> None:
    def standing() -> DayStatus:
        question = BalanceQuery(night_world.merchant, YESTERDAY, YESTERDAY, None, "BRL")
        return balances(read_model, question)[0][0].day_status

    assert standing() == DayStatus("open", None)
    night_world.record(sale(night_world.merchant, "a"))
    assert standing() == DayStatus("open", None)
    night_world.close()
    assert standing() == DayStatus("closed", 1)
    night_world.record(sale(night_world.merchant, "late"))
    assert standing() == DayStatus("restated", 1)
    night_world.close()
    assert standing() == DayStatus("closed", 2)


def test_a_late_entry_restates_no_other_day(read_model: ReadModel, night_world: NightWorld) -> None:
    days = [YESTERDAY - timedelta(days=back) for back in (2, 1, 0)]
    night_world.record(*(sale(night_world.merchant, f"{day}", day) for day in days))
    night_world.night()
    night_world.record(sale(night_world.merchant, "late", days[1]))
    question = BalanceQuery(night_world.merchant, days[0], days[2], None, "BRL")
    result, _ = balances(read_model, question)
    assert [one.day_status.status for one in result] == ["closed", "restated", "closed"]


def test_public_keys_are_kept_when_they_first_sign(
    reads: PostgresClosings, night_world: NightWorld
) -> None:
    key_id = f"key-of-{night_world.merchant}"
    for public_key in ("FIRST", "SECOND"):
        night_world.read_model.store_key(key_id, public_key)
    assert reads.public_keys()[key_id] == "FIRST"


def test_a_merchant_sees_nothing_of_anothers_closings(
    reads: PostgresClosings, closed: NightWorld
) -> None:
    other = replace(closed, merchant=f"{closed.merchant}-rival", ledger=type(closed.ledger)())
    other.record(sale(other.merchant, "a"))
    other.close()
    assert len(closings(reads, other.merchant, YESTERDAY)) == 1
    (mine, *_) = closed.ledger.entries
    with pytest.raises(NotFoundError):
        proof(reads, other.merchant, YESTERDAY, mine)
