"""Alterations of a read model by hand are detected, repaired and counted in the closing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.closing.errors import StillDiffersError
from chalicelib.closing.reconcile import reconcile
from chalicelib.ledger.entries import without_texts
from tests.closing.corruptions import CORRUPTIONS, LONG_AGO, TODAY, is_right, trade
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.fixtures.plain_sums import expected


@pytest.fixture
def traded(night_world: NightWorld) -> NightWorld:
    """Entries of a day long ago, of yesterday and of today; nothing is closed."""
    trade(night_world)
    return night_world


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_alterations_of_yesterday_are_repaired(traded: NightWorld, corruption: str) -> None:
    traded.corrupt(CORRUPTIONS[corruption], merchant=traded.merchant, day=YESTERDAY)
    assert not is_right(traded)
    result = traded.night()
    closings = traded.closings(LONG_AGO) + traded.closings()
    assert (result["failed"], result["closed"], is_right(traded)) == (0, 2, True)
    assert result["repaired"] == sum(closing["repairs"] for closing in closings) > 0
    assert traded.night()["repaired"] == 0


@pytest.mark.parametrize(
    "corruption", ["row deleted", "amount altered", "entry doubled", "day total"]
)
def test_closed_yesterday_is_repaired_too(traded: NightWorld, corruption: str) -> None:
    traded.night()
    traded.corrupt(CORRUPTIONS[corruption], merchant=traded.merchant, day=YESTERDAY)
    result = traded.night()
    assert (result["closed"], result["repaired"] > 0, result["failed"]) == (0, True, 0)
    assert is_right(traded)
    assert len(traded.closings()) == 1
    assert traded.marked() == {TODAY}


@pytest.mark.parametrize("corruption", ["row deleted", "amount altered"])
def test_rebuilt_sealed_day_gets_no_new_version(traded: NightWorld, corruption: str) -> None:
    """A rebuild marks the days of what it inserts; the next run sees that they were sealed so."""
    traded.night()
    traded.corrupt(CORRUPTIONS[corruption], merchant=traded.merchant, day=YESTERDAY)
    of_day = [entry.entry_id for entry in traded.ledger.entries.values() if entry.day == YESTERDAY]
    traded.ports().repair([traded.merchant], of_day)
    assert (is_right(traded), traded.marked()) == (True, {YESTERDAY, TODAY})
    assert traded.night() == {
        "merchants": 1, "closed": 0, "repaired": 0, "failed": 0, "failed_ranges": 0,
    }  # fmt: skip
    assert (len(traded.closings()), traded.marked()) == (1, {TODAY})


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_changed_old_day_is_repaired(traded: NightWorld, corruption: str) -> None:
    traded.night()
    traded.record(sale(traded.merchant, "late", LONG_AGO, account="bank"))
    traded.corrupt(CORRUPTIONS[corruption], merchant=traded.merchant, day=LONG_AGO)
    result = traded.night()
    assert (result["closed"], result["failed"], is_right(traded)) == (1, 0, True)
    assert traded.closings(LONG_AGO)[1]["repairs"] > 0


def test_texts_left_after_erasure_are_removed(night_world: NightWorld) -> None:
    sold = sale(night_world.merchant, "a", description="Maria", metadata={"order": "A-17"})
    night_world.record(sold)
    night_world.ledger.entries[sold.entry_id] = without_texts(sold)
    assert night_world.night()["repaired"] == 1
    assert night_world.repairs() == [(YESTERDAY, "texts", "main")]
    rows = night_world.database.run(
        "SELECT description, search_text, metadata::text FROM entries WHERE entry_id = :entry_id",
        entry_id=sold.entry_id,
    )
    assert rows == [[None, None, "{}"]]


def test_failed_repair_is_an_error(traded: NightWorld) -> None:
    traded.corrupt(CORRUPTIONS["amount altered"], merchant=traded.merchant, day=YESTERDAY)
    useless = replace(traded.ports(), repair=lambda _merchants, _entry_ids: None)
    with pytest.raises(StillDiffersError, match="2026-11-22 must agree with the ledger"):
        reconcile(useless, traded.merchant, YESTERDAY, "run")


def test_later_version_counts_only_its_repairs(traded: NightWorld) -> None:
    traded.corrupt(CORRUPTIONS["amount altered"], merchant=traded.merchant, day=YESTERDAY)
    traded.night()
    traded.record(sale(traded.merchant, "late"))
    traded.night()
    first, second = traded.closings()
    assert first["repairs"] > 0
    assert second["repairs"] == 0


def test_stale_index_is_not_a_difference(traded: NightWorld) -> None:
    traded.ledger.unseen = set(traded.ledger.entries)
    result = traded.night()
    assert (result["closed"], result["repaired"], result["failed"]) == (2, 0, 0)


def test_unprojected_recent_entry_waits_for_next_version(traded: NightWorld) -> None:
    late = sale(traded.merchant, "late", recorded=traded.now)
    traded.record_unprojected(late)
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
def test_altered_opening_is_repaired_before_sealing(
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


def test_consistent_alteration_contradicts_the_seal(traded: NightWorld) -> None:
    traded.night()
    traded.corrupt(CORRUPTIONS["row deleted"], merchant=traded.merchant, day=LONG_AGO)
    left = [
        entry
        for entry in traded.ledger.entries.values()
        if (entry.day, entry.account) != (LONG_AGO, "bank")
    ]
    for table, totals in expected(left).items():
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


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("is_late", [True, False])
def test_ledger_that_contradicts_a_seal_fails(
    traded: NightWorld, is_lost: bool, is_late: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    traded.night()
    entries = traded.ledger.entries
    sealed = next(entry for entry in entries.values() if entry.day == YESTERDAY)
    entries[sealed.entry_id] = sealed._replace(amount_minor=1)
    if is_lost:
        del entries[sealed.entry_id]
    if is_late:
        traded.record(sale(traded.merchant, "late"))
    assert traded.night()["failed"] == 1
    assert len(traded.closings()) == 1
    assert "SealMismatchError" in capsys.readouterr().out
