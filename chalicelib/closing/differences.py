"""Where the read model differs from the ledger on a merchant's day, line by line.

Numbers of entries, sums of amounts and sums of content digests are compared first; only where they
differ are single entries compared.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.closing.day_state import DayState, PeriodSums, Row, Sums, texts_digest
from chalicelib.ledger.balances import Totals, totals_by, totals_of
from chalicelib.ledger.closings import LineKey
from chalicelib.ledger.entries import Entry, content_digest
from chalicelib.ledger.text import searchable

NOTHING = Totals()
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Difference:
    """A line in which the read model differs.

    `what` is "entries", "texts" (description, metadata, and what is searched) or the table of
    totals: "day", "category", "month", "year"; `name` is the account, or the category; `differed`
    has the totals of both sides, and nothing for texts.
    """

    what: str
    name: str
    currency: str
    differed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LineSums:
    """The totals of entries and the sum of their content digests, modulo 2 to the 256th."""

    totals: Totals
    contents: int


def differences(ledger: Mapping[str, Entry], state: DayState) -> list[Difference]:
    """Return the lines in which a day's state differs from the ledger, whose entries are by id."""
    return [*_entry_differences(ledger, state), *_total_differences(ledger, state)]


def drift_minor(lines: Sequence[Difference]) -> int:
    """Return by how many minor units money was off, in either direction.

    A wrong entry is in the totals of its day, month and year and must count once, so this is the
    largest drift of any `what`.
    """
    drifts: Counter[str] = Counter()
    for line in lines:
        if line.differed:
            right, wrong = line.differed["ledger"], line.differed["read_model"]
            sides = ("credits_minor", "debits_minor")
            drifts[line.what] += sum(abs(right[side] - wrong[side]) for side in sides)
    return max(drifts.values(), default=0)


def mismatches(ledger: Mapping[str, Entry], state: DayState) -> list[str]:
    """Return the ids of entries that only one side has, or that differ."""
    ids = sorted(ledger.keys() | state.rows.keys())
    return [
        entry_id for entry_id in ids if not agree(ledger.get(entry_id), state.rows.get(entry_id))
    ]


def sums_by_line(contents: Iterable[tuple[Entry, str]]) -> dict[LineKey, LineSums]:
    """Return the sums of each account and currency, of entries with their content digests."""
    lines: dict[LineKey, tuple[list[Entry], list[int]]] = {}
    for entry, digest in contents:
        entries, numbers = lines.setdefault((entry.account, entry.currency), ([], []))
        entries.append(entry)
        numbers.append(_number(digest))
    return {
        line: LineSums(totals_of(entries), sum(numbers) % _MODULUS)
        for line, (entries, numbers) in lines.items()
    }


def _entry_differences(ledger: Mapping[str, Entry], state: DayState) -> Iterator[Difference]:
    right = sums_by_line((entry, content_digest(entry)) for entry in ledger.values())
    stored = sums_by_line((row.entry, row.digest) for row in state.rows.values())
    empty = LineSums(NOTHING, 0)
    for line in sorted(right.keys() | stored.keys()):
        pair = right.get(line, empty), stored.get(line, empty)
        if right.get(line) != stored.get(line):
            yield _difference("entries", line, pair[0].totals, pair[1].totals)
    rows = ((entry, state.rows.get(entry_id)) for entry_id, entry in ledger.items())
    altered = (entry for entry, row in rows if row and row.texts != _texts(entry))
    for line in sorted({(entry.account, entry.currency) for entry in altered}):
        yield Difference("texts", *line, {})


def _total_differences(ledger: Mapping[str, Entry], state: DayState) -> Iterator[Difference]:
    by_day = totals_by(ledger.values(), lambda entry: (entry.account, entry.currency))
    by_category = totals_by(
        ledger.values(), lambda entry: (_category(entry, state) or "", entry.currency)
    )
    # Where a day's total is wrong, its month is compared with what that total should be.
    by_month = _corrected(state.month, state.day_totals, by_day)
    by_year = _corrected(state.year, state.month.stored, by_month)
    yield from _unequal("day", by_day, state.day_totals)
    yield from _unequal("category", by_category, state.category_totals)
    yield from _unequal("month", by_month, state.month.stored)
    yield from _unequal("year", by_year, state.year.stored)


def _category(entry: Entry, state: DayState) -> str | None:
    # As the row has it; the corrections of rows are compared by the sweep (category_repairs.py).
    row = state.rows.get(entry.entry_id)
    return row.category if row and row.correction else entry.category


def _unequal(what: str, right: Sums, stored: Sums) -> Iterator[Difference]:
    for line in sorted(right.keys() | stored.keys()):
        if right.get(line, NOTHING) != stored.get(line, NOTHING):
            yield _difference(what, line, right.get(line, NOTHING), stored.get(line, NOTHING))


def _corrected(period: PeriodSums, wrong: Sums, right: Sums) -> Sums:
    """Return the sums of a period after some of its parts are corrected."""
    lines = period.summed.keys() | wrong.keys() | right.keys()
    return {
        line: period.summed.get(line, NOTHING)
        .plus(_negative(wrong.get(line, NOTHING)))
        .plus(right.get(line, NOTHING))
        for line in lines
    }


def _difference(what: str, line: tuple[str, str], ledger: Totals, stored: Totals) -> Difference:
    return Difference(what, *line, {"ledger": ledger._asdict(), "read_model": stored._asdict()})


def agree(entry: Entry | None, row: Row | None) -> bool:
    """Return whether ledger and read model hold the same of an entry, in everything shown."""
    if entry is None or row is None:
        return False
    return row.digest == content_digest(entry) and row.texts == _texts(entry)


def _texts(entry: Entry) -> bytes:
    description = entry.description
    return texts_digest(description, description and searchable(description), entry.metadata)


def _negative(totals: Totals) -> Totals:
    return Totals(-totals.credits_minor, -totals.debits_minor, -totals.entries)


def _number(digest: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)))
