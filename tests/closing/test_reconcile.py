"""Alterations of a read model by hand are detected, repaired and counted in the closing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.closing.errors import StillDiffersError
from chalicelib.closing.reconcile import reconcile
from chalicelib.ledger.entries import Entry, without_texts
from tests.closing.corruptions import (
    CORRUPTIONS,
    LONG_AGO,
    TODAY,
    corrupt,
    is_right,
    whole_night,
)
from tests.fixtures.night import YESTERDAY, NightWorld, instead, sale
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


@pytest.mark.parametrize(("seconds", "repaired"), [(119, 0), (121, 1)])
def test_erasure_on_its_way_is_not_a_difference(
    night_world: NightWorld, seconds: int, repaired: int
) -> None:
    sold = night_world.sell("a", description="Maria")
    other = night_world.sell("b", description="Pão")
    night_world.ledger.entries[sold.entry_id] = without_texts(sold)
    night_world.ledger.erased[sold.entry_id] = night_world.now - timedelta(seconds=seconds - 10)
    frozen = night_world.ports(clock=lambda: night_world.now + timedelta(seconds=10))
    result = night_world.night(ports=frozen)
    assert (result["closed"], result["repaired"], result["failed"]) == (1, repaired, 0)
    assert night_world.closings()[0]["repairs"] == repaired
    texts = {sold.entry_id: None if repaired else "Maria", other.entry_id: "Pão"}
    assert dict(night_world.rows("entries", "entry_id, description")) == texts


def test_steady_erasures_fail_nothing(night_world: NightWorld) -> None:
    """Each read of the ledger is followed by another erasure, which is not projected yet."""
    sold = [night_world.sell(f"{number}", description="Maria") for number in range(9)]
    ports, waiting = night_world.ports(), iter(sold)

    def erase_another(entry_ids: Sequence[str]) -> list[Entry]:
        entry = next(waiting)
        night_world.ledger.entries[entry.entry_id] = without_texts(entry)
        night_world.ledger.erased[entry.entry_id] = night_world.now
        return night_world.ledger.get_entries(entry_ids)

    erase_another([])
    ledger = instead(ports.ledger, get_entries=erase_another)
    result = night_world.night(ports=replace(ports, ledger=ledger))
    assert (result["closed"], result["repaired"], result["failed"]) == (1, 0, 0)


def test_text_altered_in_both_stores_is_an_error(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    sold = night_world.sell("a", description="Maria")
    night_world.night()
    night_world.ledger.entries[sold.entry_id] = sold._replace(description="Mario")
    night_world.corrupt(
        "UPDATE entries SET description = 'Mario', search_text = 'mario' WHERE merchant_id = :m",
        m=night_world.merchant,
    )
    assert night_world.night()["failed"] == 1
    assert "TextMismatchError" in capsys.readouterr().out
    later = (YESTERDAY + timedelta(days=days) for days in range(1, 31))
    assert sum(whole_night(night_world, day)["failed"] for day in later) >= 1
    night_world.ledger.entries[sold.entry_id] = without_texts(sold)
    assert night_world.night()["failed"] == 0


def test_failed_repair_is_an_error(traded: NightWorld) -> None:
    corrupt(traded, "amount altered")
    useless = traded.ports(repair=lambda _merchants, _entry_ids: None)
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
