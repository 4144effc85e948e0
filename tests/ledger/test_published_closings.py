"""A closing that was published says what it said when it was sealed."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger import seals
from chalicelib.ledger.closings import Opening, balance_lines, changes_between, effects_of, lines_of
from chalicelib.ledger.entries import Entry
from tests.ledger.test_seals import DAY, OTHER, closing_of
from verification.kit.strategies import entries_of_a_day


def published(header: seals.JsonObject) -> seals.JsonObject:
    """Return what a reader gets of it."""
    result: seals.JsonObject = json.loads(json.dumps(header))
    return result


@given(entries_of_a_day(DAY))
def test_its_lines_read_back(entries: list[Entry]) -> None:
    closing = closing_of(entries)
    assert lines_of(published(seals.header_of(closing))) == closing.lines


def test_a_negative_balance_reads_back() -> None:
    lines = balance_lines([OTHER], {("main", "BRL"): Opening(-1005, -7)})
    item = seals.header_of(replace(closing_of([]), lines=lines))
    assert item["balances"][0]["closing"] == "-10.80"
    assert lines_of(item) == lines


@given(entries_of_a_day(DAY), st.integers(0, 20))
def test_all_versions_together_add_what_the_newest_holds(entries: list[Entry], known: int) -> None:
    early = entries[:known]
    first, all_of_them = closing_of(early), closing_of(entries)
    changes = changes_between(
        (first.lines, {one.entry_id for one in early}),
        (all_of_them.lines, [entry.entry_id for entry in entries]),
    )
    second = replace(all_of_them, version=2, changes=changes)
    sums: dict[tuple[str, str], int] = {}
    for closing in (first, second):
        for line in effects_of(published(seals.header_of(closing))):
            sums[line.key] = sums.get(line.key, 0) + line.totals.net_minor
    result = {line.key: line.totals.net_minor for line in all_of_them.lines if line.totals.entries}
    assert sums == result
