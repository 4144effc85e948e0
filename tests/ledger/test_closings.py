"""Closings: their lines, their changes against the previous version, and their published form."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger import seals
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import (
    BalanceLine,
    Changes,
    Opening,
    balance_lines,
    changes_between,
    effects_of,
    lines_of,
)
from chalicelib.ledger.entries import Entry
from tests.ledger.examples import DAY, ENTRY, OTHER, closing_of
from verification.kit.strategies import entries_of_a_day

BANK = ENTRY._replace(entry_id="c" * 32, account="bank", amount_minor=1)


def test_lines_add_up_by_account_and_currency() -> None:
    openings = {("main", "BRL"): Opening(1000, 10), ("safe", "USD"): Opening(5)}
    assert balance_lines([ENTRY, BANK, OTHER], openings) == (
        BalanceLine("bank", "BRL", Opening(), Totals(1, 0, 1)),
        BalanceLine("main", "BRL", Opening(1000, 10), Totals(15075, 75, 2)),
        BalanceLine("safe", "USD", Opening(5), Totals()),
    )


def test_empty_account_has_no_line() -> None:
    openings = {("old", "BRL"): Opening(), ("new", "BRL"): Opening(0, -7)}
    assert [line.account for line in balance_lines([], openings)] == ["new"]


@given(entries_of_a_day(DAY))
def test_every_entry_is_counted_once(entries: list[Entry]) -> None:
    lines = balance_lines(entries, {})
    assert sum(line.totals.entries for line in lines) == len(entries)
    assert sum(line.closing_minor for line in lines) == sum(e.effect_minor for e in entries)


def test_changes_are_entries_and_differences_of_lines() -> None:
    before = balance_lines([ENTRY], {("main", "BRL"): Opening(100)})
    after = balance_lines([ENTRY, BANK, OTHER], {("main", "BRL"): Opening(90)})
    changes = changes_between(
        (before, {ENTRY.entry_id}), (after, [BANK.entry_id, ENTRY.entry_id, OTHER.entry_id])
    )
    assert changes == Changes(
        added=("b" * 32, "c" * 32),
        effect=(
            BalanceLine("bank", "BRL", Opening(), Totals(1, 0, 1)),
            BalanceLine("main", "BRL", Opening(-10), Totals(0, 75, 1)),
        ),
    )


def test_removed_line_is_its_opposite() -> None:
    before = balance_lines([], {("safe", "USD"): Opening(5)})
    effect = changes_between((before, []), ([], [])).effect
    assert effect == (BalanceLine("safe", "USD", Opening(-5), Totals()),)
    assert changes_between((before, ["a" * 32]), (before, ["a" * 32])) == Changes((), ())


def published(header: seals.JsonObject) -> seals.JsonObject:
    """Return a header as a reader gets it."""
    result: seals.JsonObject = json.loads(json.dumps(header))
    return result


@given(entries_of_a_day(DAY))
def test_published_lines_are_parsed_back(entries: list[Entry]) -> None:
    closing = closing_of(entries)
    assert lines_of(published(seals.header_of(closing))) == closing.lines


def test_negative_balance_is_parsed_back() -> None:
    lines = balance_lines([OTHER], {("main", "BRL"): Opening(-1005, -7)})
    assert lines[0].closing_minor == -1080
    item = seals.header_of(replace(closing_of([]), lines=lines))
    assert item["balances"][0]["closing"] == "-10.80"
    assert lines_of(item) == lines


@given(entries_of_a_day(DAY), st.integers(0, 20))
def test_effects_of_versions_add_up_to_the_newest(entries: list[Entry], known: int) -> None:
    early = entries[:known]
    first, all_of_them = closing_of(early), closing_of(entries)
    changes = changes_between(
        (first.lines, {entry.entry_id for entry in early}),
        (all_of_them.lines, [entry.entry_id for entry in entries]),
    )
    second = replace(all_of_them, version=2, changes=changes)
    sums: dict[tuple[str, str], int] = {}
    for closing in (first, second):
        for line in effects_of(published(seals.header_of(closing))):
            sums[line.key] = sums.get(line.key, 0) + line.totals.net_minor
    result = {line.key: line.totals.net_minor for line in all_of_them.lines if line.totals.entries}
    assert sums == result
