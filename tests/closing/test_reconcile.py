"""Alterations of a read model by hand are detected, repaired and counted in the closing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.closing.errors import StillDiffersError
from chalicelib.closing.reconcile import reconcile
from chalicelib.ledger.entries import without_texts
from tests.closing.corruptions import CORRUPTIONS, LONG_AGO, TODAY, corrupt, is_right
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.fixtures.plain_sums import expected


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_alterations_of_yesterday_are_repaired(traded: NightWorld, corruption: str) -> None:
    corrupt(traded, corruption)
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
    corrupt(traded, corruption)
    result = traded.night()
    assert (result["closed"], result["repaired"] > 0, result["failed"]) == (0, True, 0)
    assert is_right(traded)
    assert (len(traded.closings()), traded.marked()) == (1, {TODAY})


@pytest.mark.parametrize("corruption", ["row deleted", "amount altered"])
def test_rebuilt_sealed_day_gets_no_new_version(traded: NightWorld, corruption: str) -> None:
    """A rebuild marks the days of what it inserts; the next run sees that they were sealed so."""
    traded.night()
    corrupt(traded, corruption)
    of_day = [entry.entry_id for entry in traded.ledger.entries.values() if entry.day == YESTERDAY]
    traded.ports().repair([traded.merchant], of_day)
    assert (is_right(traded), traded.marked()) == (True, {YESTERDAY, TODAY})
    result = traded.night()
    assert result == {"merchants": 1, "closed": 0, "repaired": 0, "failed": 0, "failed_ranges": 0}
    assert (len(traded.closings()), traded.marked()) == (1, {TODAY})


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_changed_old_day_is_repaired(traded: NightWorld, corruption: str) -> None:
    traded.night()
    traded.sell("late", LONG_AGO, account="bank")
    corrupt(traded, corruption, LONG_AGO)
    result = traded.night()
    assert (result["closed"], result["failed"], is_right(traded)) == (1, 0, True)
    assert traded.closings(LONG_AGO)[1]["repairs"] > 0


def test_texts_left_after_erasure_are_removed(night_world: NightWorld) -> None:
    sold = night_world.sell("a", description="Maria", metadata={"order": "A-17"})
    night_world.ledger.entries[sold.entry_id] = without_texts(sold)
    assert night_world.night()["repaired"] == 1
    assert night_world.repairs() == [(YESTERDAY, "texts", "main")]
    texts = night_world.rows("entries", "description, search_text, metadata::text")
    assert texts == [[None, None, "{}"]]


def test_failed_repair_is_an_error(traded: NightWorld) -> None:
    corrupt(traded, "amount altered")
    useless = replace(traded.ports(), repair=lambda _merchants, _entry_ids: None)
    with pytest.raises(StillDiffersError, match="2026-11-22 must agree with the ledger"):
        reconcile(useless, traded.merchant, YESTERDAY, "run")


def test_later_version_counts_only_its_repairs(traded: NightWorld) -> None:
    corrupt(traded, "amount altered")
    traded.night()
    traded.sell("late")
    traded.night()
    assert [closing["repairs"] > 0 for closing in traded.closings()] == [True, False]


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
    ("period", "altered", "closed", "opening", "closings"),
    [
        ("day", YESTERDAY, TODAY, "10.00", 1),
        ("month", LONG_AGO, TODAY, "10.00", 1),
        ("year", LONG_AGO, TODAY + timedelta(days=40), "15.00", 2),
    ],
)
def test_altered_opening_is_repaired_before_sealing(
    traded: NightWorld, period: str, altered: date, closed: date, opening: str, closings: int
) -> None:
    traded.night()
    of_period = f"{period} = date_trunc('{period}', date :day)"
    statement = f"UPDATE {period}_totals SET credits_minor = credits_minor + 9 WHERE {of_period}"
    traded.corrupt(f"{statement} AND merchant_id = :m", m=traded.merchant, day=altered)
    traded.sell("more", closed)
    result = traded.close(closed)
    assert (result["failed"], result["closed"], is_right(traded)) == (0, closings, True)
    lines = {line["account"]: line for line in traded.closings(closed)[0]["balances"]}
    assert lines["main"]["opening"] == opening


def test_consistent_alteration_contradicts_the_seal(traded: NightWorld) -> None:
    traded.night()
    corrupt(traded, "row deleted", LONG_AGO)
    entries = traded.ledger.entries.values()
    left = [entry for entry in entries if (entry.day, entry.account) != (LONG_AGO, "bank")]
    for table, totals in expected(left).items():
        traded.corrupt(f"DELETE FROM {table} WHERE merchant_id = :m", m=traded.merchant)
        for key, sums in totals.items():
            values = ", ".join(f"'{part}'" for part in (*key, *sums))
            traded.corrupt(f"INSERT INTO {table} VALUES ({values})")
    traded.sell("more")
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
        traded.sell("late")
    assert traded.night()["failed"] == 1
    assert len(traded.closings()) == 1
    assert "SealMismatchError" in capsys.readouterr().out
