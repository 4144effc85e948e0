"""A read model that was altered by hand is found and put right, and the closing says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.closing.errors import StillDiffersError
from chalicelib.closing.reconcile import reconcile
from chalicelib.ledger.entries import Entry, without_texts
from tests.closing.corruptions import CORRUPTIONS, LONG_AGO, TODAY, is_right, trade
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.fixtures.plain_sums import expected


@pytest.fixture
def traded(night_world: NightWorld) -> NightWorld:
    """Entries of a day long ago, of yesterday and of today; nothing is closed."""
    trade(night_world)
    return night_world


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_the_next_night_finds_what_touched_yesterday(traded: NightWorld, how: str) -> None:
    traded.corrupt(CORRUPTIONS[how], merchant=traded.merchant, day=YESTERDAY)
    assert not is_right(traded)
    result = traded.night()
    closings = traded.closings(LONG_AGO) + traded.closings()
    assert (result["failed"], result["closed"], is_right(traded)) == (0, 2, True)
    assert result["repaired"] == sum(closing["repairs"] for closing in closings) > 0
    assert traded.night()["repaired"] == 0


@pytest.mark.parametrize("how", ["row deleted", "amount altered", "entry doubled", "day total"])
def test_a_closed_yesterday_is_looked_at_all_the_same(traded: NightWorld, how: str) -> None:
    traded.night()
    traded.corrupt(CORRUPTIONS[how], merchant=traded.merchant, day=YESTERDAY)
    result = traded.night()
    assert (result["closed"], result["repaired"] > 0, result["failed"]) == (0, True, 0)
    assert is_right(traded)
    assert len(traded.closings()) == 1
    assert traded.marked() == {TODAY}


@pytest.mark.parametrize("how", ["row deleted", "amount altered"])
def test_a_sealed_day_that_a_rebuild_restored_is_looked_at_once_and_stays_as_sealed(
    traded: NightWorld, how: str
) -> None:
    """What a rebuild inserts marks its day, until the next run sees that it was sealed so."""
    traded.night()
    traded.corrupt(CORRUPTIONS[how], merchant=traded.merchant, day=YESTERDAY)
    of_day = [entry.entry_id for entry in traded.ledger.entries.values() if entry.day == YESTERDAY]
    traded.ports().repair([traded.merchant], of_day)
    assert (is_right(traded), traded.marked()) == (True, {YESTERDAY, TODAY})
    assert traded.night() == {
        "merchants": 1, "closed": 0, "repaired": 0, "failed": 0, "failed_ranges": 0,
    }  # fmt: skip
    assert (len(traded.closings()), traded.marked()) == (1, {TODAY})


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_a_changed_day_is_looked_at_whatever_its_age(traded: NightWorld, how: str) -> None:
    traded.night()
    traded.record(sale(traded.merchant, "late", LONG_AGO, account="bank"))
    traded.corrupt(CORRUPTIONS[how], merchant=traded.merchant, day=LONG_AGO)
    result = traded.night()
    assert (result["closed"], result["failed"], is_right(traded)) == (1, 0, True)
    assert traded.closings(LONG_AGO)[1]["repairs"] > 0


def test_texts_that_outlived_their_erasure_are_removed(night_world: NightWorld) -> None:
    sold = sale(night_world.merchant, "a", description="Maria", metadata={"order": "A-17"})
    night_world.record(sold)
    night_world.ledger.entries[sold.entry_id] = without_texts(sold)
    assert night_world.night()["repaired"] == 1
    assert night_world.repairs() == [(YESTERDAY, "texts", "main")]
    rows = night_world.database.run(
        "SELECT description, search_text, metadata::text FROM entries WHERE entry_id = :one",
        one=sold.entry_id,
    )
    assert rows == [[None, None, "{}"]]


def test_a_day_that_no_repair_helps_is_refused(traded: NightWorld) -> None:
    traded.corrupt(CORRUPTIONS["amount altered"], merchant=traded.merchant, day=YESTERDAY)
    useless = replace(traded.ports(), repair=lambda _merchants, _entry_ids: None)
    with pytest.raises(StillDiffersError, match="2026-11-22 must agree with the ledger"):
        reconcile(useless, traded.merchant, YESTERDAY, "run")


def test_a_later_version_does_not_tell_the_repairs_of_the_first(traded: NightWorld) -> None:
    traded.corrupt(CORRUPTIONS["amount altered"], merchant=traded.merchant, day=YESTERDAY)
    traded.night()
    traded.record(sale(traded.merchant, "late"))
    traded.night()
    first, second = traded.closings()
    assert first["repairs"] > 0
    assert second["repairs"] == 0


def test_an_index_that_is_behind_is_no_difference(traded: NightWorld) -> None:
    traded.ledger.unseen = set(traded.ledger.entries)
    result = traded.night()
    assert (result["closed"], result["repaired"], result["failed"]) == (2, 0, 0)


def test_an_entry_that_is_on_its_way_is_left_to_the_next_version(traded: NightWorld) -> None:
    late = sale(traded.merchant, "late", recorded=traded.now)
    traded.ledger.entries[late.entry_id] = late
    assert traded.night()["repaired"] == 0
    traded.project(late)
    assert traded.night()["closed"] == 1
    assert traded.closings()[1]["changes"]["added"] == [late.entry_id]


@pytest.mark.parametrize(
    ("table", "altered", "closed"),
    [
        ("day_totals", YESTERDAY, TODAY),
        ("month_totals", LONG_AGO, TODAY),
        ("year_totals", LONG_AGO, TODAY + timedelta(days=40)),
    ],
)
def test_an_opening_balance_that_was_altered_is_put_right_before_it_is_sealed(
    traded: NightWorld, table: str, altered: date, closed: date
) -> None:
    traded.night()
    period = table.partition("_")[0]
    traded.corrupt(
        f"UPDATE {table} SET credits_minor = credits_minor + 9"
        f" WHERE merchant_id = :merchant AND {period} = date_trunc('{period}', date :day)",
        merchant=traded.merchant,
        day=altered,
    )
    traded.record(sale(traded.merchant, "more", closed))
    result = traded.close(closed)
    assert (result["failed"], result["closed"], is_right(traded)) == (0, 1, True)
    lines = {line["account"]: line for line in traded.closings(closed)[0]["balances"]}
    assert lines["main"]["opening"] == ("10.00" if closed == TODAY else "15.00")


def test_rows_and_totals_altered_alike_are_seen_by_the_seal(traded: NightWorld) -> None:
    traded.night()
    traded.corrupt(CORRUPTIONS["row deleted"], merchant=traded.merchant, day=LONG_AGO)
    right = [entry for entry in traded.ledger.entries.values() if is_left(entry)]
    for table, totals in expected(right).items():
        traded.corrupt(
            f"DELETE FROM {table} WHERE merchant_id = :merchant", merchant=traded.merchant
        )
        for key, sums in totals.items():
            values = ", ".join(f"'{part}'" for part in (*key, *sums))
            traded.corrupt(f"INSERT INTO {table} VALUES ({values})")
    traded.record(sale(traded.merchant, "more"))
    result = traded.night()
    assert (result["failed"], result["repaired"] > 0, is_right(traded)) == (0, True, True)
    assert len(traded.closings(LONG_AGO)) == 1


def is_left(one: Entry) -> bool:
    return (one.day, one.account) != (LONG_AGO, "bank")


Alter = Callable[[NightWorld], None]


def lose_from_the_ledger(world: NightWorld) -> None:
    lost = next(entry for entry in world.ledger.entries.values() if entry.day == YESTERDAY)
    del world.ledger.entries[lost.entry_id]


def alter_the_ledger(world: NightWorld) -> None:
    one = next(entry for entry in world.ledger.entries.values() if entry.day == YESTERDAY)
    world.ledger.entries[one.entry_id] = one._replace(amount_minor=1)


@pytest.mark.parametrize("alter", [lose_from_the_ledger, alter_the_ledger])
@pytest.mark.parametrize("late", [True, False])
def test_a_ledger_that_contradicts_a_seal_fails_and_seals_nothing(
    traded: NightWorld, alter: Alter, late: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    traded.night()
    alter(traded)
    if late:
        traded.record(sale(traded.merchant, "late"))
    assert traded.night()["failed"] == 1
    assert len(traded.closings()) == 1
    assert "SealContradicted" in capsys.readouterr().out
