"""What a closing says: its lines, and its changes against the version before."""

from datetime import date

from hypothesis import given

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import (
    BalanceLine,
    Changes,
    Opening,
    balance_lines,
    changes_between,
)
from chalicelib.ledger.entries import Entry
from tests.ledger.test_leaves import ENTRY
from verification.kit.strategies import entries_of_a_day

DAY = date(2026, 11, 22)
DEBIT = ENTRY._replace(entry_id="b" * 32, type="debit", amount_minor=75)
BANK = ENTRY._replace(entry_id="c" * 32, account="bank", amount_minor=1)


def test_entries_add_up_by_account_and_currency() -> None:
    openings = {("main", "BRL"): Opening(1000, 10), ("safe", "USD"): Opening(5)}
    assert balance_lines([ENTRY, BANK, DEBIT], openings) == (
        BalanceLine("bank", "BRL", Opening(), Totals(1, 0, 1)),
        BalanceLine("main", "BRL", Opening(1000, 10), Totals(15075, 75, 2)),
        BalanceLine("safe", "USD", Opening(5), Totals()),
    )


def test_a_line_closes_with_opening_and_credits_less_debits() -> None:
    assert BalanceLine("main", "BRL", Opening(1000), Totals(20, 5, 2)).closing_minor == 1015


def test_an_account_that_is_empty_and_had_no_entry_has_no_line() -> None:
    openings = {("old", "BRL"): Opening(), ("new", "BRL"): Opening(0, -7)}
    assert [line.account for line in balance_lines([], openings)] == ["new"]


@given(entries_of_a_day(DAY))
def test_no_entry_is_lost_or_counted_twice(entries: list[Entry]) -> None:
    lines = balance_lines(entries, {})
    assert sum(line.totals.entries for line in lines) == len(entries)
    assert sum(line.closing_minor for line in lines) == sum(e.effect_minor for e in entries)


def test_changes_are_the_entries_added_and_each_lines_difference() -> None:
    before = balance_lines([ENTRY], {("main", "BRL"): Opening(100)})
    after = balance_lines([ENTRY, BANK, DEBIT], {("main", "BRL"): Opening(90)})
    changes = changes_between(
        (before, {ENTRY.entry_id}), (after, [BANK.entry_id, ENTRY.entry_id, DEBIT.entry_id])
    )
    assert changes == Changes(
        added=("b" * 32, "c" * 32),
        effect=(
            BalanceLine("bank", "BRL", Opening(), Totals(1, 0, 1)),
            BalanceLine("main", "BRL", Opening(-10), Totals(0, 75, 1)),
        ),
    )


def test_a_line_that_is_gone_is_told_as_its_opposite() -> None:
    before = balance_lines([], {("safe", "USD"): Opening(5)})
    effect = changes_between((before, []), ([], [])).effect
    assert effect == (BalanceLine("safe", "USD", Opening(-5), Totals()),)


def test_lines_that_stay_as_they_were_are_not_told() -> None:
    lines = balance_lines([ENTRY], {})
    assert changes_between((lines, ["a" * 32]), (lines, ["a" * 32])) == Changes((), ())
