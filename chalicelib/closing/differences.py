"""Where the read model differs from the ledger on a merchant's day, line by line.

Counts, sums and a fingerprint of contents that no order changes are compared first; only where they
differ does it matter which entries do.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.closing.day_state import DayState, Period, Sums
from chalicelib.ledger.balances import Totals, totals_by, totals_of
from chalicelib.ledger.closings import LineKey
from chalicelib.ledger.entries import Entry, content_digest

NOTHING = Totals()
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Difference:
    """A line in which the read model differs.

    `what` is "entries", "texts" (erased in the ledger and still here) or which totals: "day",
    "category", "month", "year"; `name` is the account, or the category; `differed` says how.
    """

    what: str
    name: str
    currency: str
    differed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The totals of entries and the sum of their content digests, modulo 2 to the 256th."""

    totals: Totals
    contents: int


def differences(ledger: Mapping[str, Entry], state: DayState) -> list[Difference]:
    """Return every line in which a day's state differs from the ledger's entries, by their ids."""
    return [*_entry_differences(ledger, state), *_total_differences(ledger, state)]


def drift_minor(found: Sequence[Difference]) -> int:
    """Return by how many minor units money was off, either way: the most that any `what` shows.

    One wrong entry stands in the totals of its day, month and year; it counts once.
    """
    drifts: Counter[str] = Counter()
    for one in found:
        if one.differed:
            there, here = one.differed["ledger"], one.differed["read_model"]
            sides = ("credits_minor", "debits_minor")
            drifts[one.what] += sum(abs(there[side] - here[side]) for side in sides)
    return max(drifts.values(), default=0)


def suspects(ledger: Mapping[str, Entry], state: DayState) -> list[str]:
    """Return the ids of the entries that are missing here, of no entry, or stand otherwise."""
    ids = sorted(ledger.keys() | state.rows.keys())
    return [entry_id for entry_id in ids if not _agree(ledger.get(entry_id), entry_id, state)]


def fingerprints(contents: Iterable[tuple[Entry, str]]) -> dict[LineKey, Fingerprint]:
    """Return the fingerprint of each account and currency, of entries with their digests."""
    lines: dict[LineKey, tuple[list[Entry], list[int]]] = {}
    for entry, digest in contents:
        entries, numbers = lines.setdefault((entry.account, entry.currency), ([], []))
        entries.append(entry)
        numbers.append(_number(digest))
    return {
        line: Fingerprint(totals_of(entries), sum(numbers) % _MODULUS)
        for line, (entries, numbers) in lines.items()
    }


def _entry_differences(ledger: Mapping[str, Entry], state: DayState) -> Iterator[Difference]:
    there = fingerprints((entry, content_digest(entry)) for entry in ledger.values())
    here = fingerprints((row.entry, row.digest) for row in state.rows.values())
    for line in sorted(there.keys() | here.keys()):
        if there.get(line) != here.get(line):
            pair = (there.get(line), here.get(line))
            yield _difference("entries", line, *(one.totals if one else NOTHING for one in pair))
    erased = (entry for entry in ledger.values() if _keeps_texts(entry, state))
    for line in sorted({(entry.account, entry.currency) for entry in erased}):
        yield Difference("texts", *line, {})


def _total_differences(ledger: Mapping[str, Entry], state: DayState) -> Iterator[Difference]:
    by_day = _summed(ledger.values(), lambda entry: entry.account)
    by_category = _summed(ledger.values(), lambda entry: entry.category or "")
    # Where a day's total is wrong, its month is measured by what that total should be.
    by_month = _moved(state.month, state.day_totals, by_day)
    by_year = _moved(state.year, state.month.kept, by_month)
    yield from _unequal("day", by_day, state.day_totals)
    yield from _unequal("category", by_category, state.category_totals)
    yield from _unequal("month", by_month, state.month.kept)
    yield from _unequal("year", by_year, state.year.kept)


def _unequal(what: str, right: Sums, kept: Sums) -> Iterator[Difference]:
    for line in sorted(right.keys() | kept.keys()):
        if right.get(line, NOTHING) != kept.get(line, NOTHING):
            yield _difference(what, line, right.get(line, NOTHING), kept.get(line, NOTHING))


def _moved(period: Period, wrong: Sums, right: Sums) -> Sums:
    lines = period.counted.keys() | wrong.keys() | right.keys()
    return {
        line: period.counted.get(line, NOTHING)
        .plus(_negative(wrong.get(line, NOTHING)))
        .plus(right.get(line, NOTHING))
        for line in lines
    }


def _summed(entries: Iterable[Entry], name: Callable[[Entry], str]) -> Sums:
    return totals_by(entries, lambda entry: (name(entry), entry.currency))


def _difference(what: str, line: tuple[str, str], ledger: Totals, here: Totals) -> Difference:
    return Difference(what, *line, {"ledger": ledger._asdict(), "read_model": here._asdict()})


def _agree(entry: Entry | None, entry_id: str, state: DayState) -> bool:
    row = state.rows.get(entry_id)
    if entry is None or row is None:
        return False
    return row.digest == content_digest(entry) and not _keeps_texts(entry, state)


def _keeps_texts(entry: Entry, state: DayState) -> bool:
    row = state.rows.get(entry.entry_id)
    return entry.text_salt is None and row is not None and row.has_texts


def _negative(totals: Totals) -> Totals:
    return Totals(-totals.credits_minor, -totals.debits_minor, -totals.entries)


def _number(digest: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)))
