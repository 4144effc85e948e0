"""What balances prove: which rows are printed twice, and the opening and closing of a statement."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from chalicelib.bank_files.balance_texts import is_opening
from chalicelib.bank_files.bank_file import BankRow, created_sum
from chalicelib.bank_files.outcomes import IS_BALANCE

REPRINTED = "the same row is above, with the same balance"


class Balances(NamedTuple):
    """The balance before the first row and after the last, and the day of the latter."""

    opening_minor: int | None
    closing_minor: int | None
    closing_day: date | None


def mark_reprints(rows: Sequence[BankRow], keys: Sequence[Hashable]) -> list[BankRow]:
    """Return the rows, those that are printed twice as duplicates; `keys` are all their cells.

    A row that equals one above in every column is the same one if the balances run from row to row
    and its balance does not follow that of the row above. Balances that do not run throughout the
    file, such as that of the end of the day, prove nothing.
    """
    for oldest_first in (True, False):
        reprints = _reprints(rows, keys, oldest_first=oldest_first)
        if reprints is not None:
            return [
                replace(row, outcome="duplicate", reason=REPRINTED) if at in reprints else row
                for at, row in enumerate(rows)
            ]
    return list(rows)


def is_newest_first(rows: Sequence[BankRow], keys: Sequence[Hashable]) -> bool:
    """Return whether the file begins with its last row, by the days and, within one, balances."""
    days = [row.day for row in rows if row.outcome == "created" and row.day]
    if days and days[0] != days[-1]:
        return days[0] > days[-1]
    if _reprints(rows, keys, oldest_first=True) is not None:
        return False
    return _reprints(rows, keys, oldest_first=False) is not None


def balances(rows: Sequence[BankRow], *, newest_first: bool, daily: bool) -> Balances:
    """Return what the rows say about opening and closing; `daily` balances are of a day's end.

    A file that states only the balance before its first movement does not say the closing.
    """
    ordered = [*reversed(rows)] if newest_first else list(rows)
    stated = [
        (at, row, row.balance_minor)
        for at, row in enumerate(ordered)
        if row.balance_minor is not None and row.outcome in ("created", "information")
    ]
    if not stated:
        return Balances(None, None, None)
    at, first, balance_minor = stated[0]
    counted = ordered[: at + 1]
    if daily and first.day:
        counted += [row for row in ordered[at + 1 :] if row.day == first.day]
    opening_minor = balance_minor - created_sum(counted)
    for _, last, closing_minor in reversed(stated):
        if last.outcome == "created" or not is_opening(last.description):
            return Balances(opening_minor, closing_minor, last.day)
    return Balances(opening_minor, None, None)


def _reprints(
    rows: Sequence[BankRow], keys: Sequence[Hashable], *, oldest_first: bool
) -> set[int] | None:
    """Return the positions of reprints, or None if the balances do not run in this direction.

    Rows form a chain, in which each balance follows from that of the row before, and some repeat
    rows of the chain. Repetitions in a row are reprints if the balance of one of their originals
    follows from another row: two equal rows on the first day of a file prove nothing.
    """
    chain: list[int] = []
    originals: dict[Hashable, int] = {}
    repetitions: list[list[int]] = []  # those below each row of the chain
    for at, (row, key) in enumerate(zip(rows, keys, strict=True)):
        if row.balance_minor is None or not (row.outcome == "created" or row.reason == IS_BALANCE):
            continue
        follows = not chain or _follows(rows[chain[-1]], row, oldest_first=oldest_first)
        repeats = row.outcome == "created" and key in originals
        if repeats and (repetitions[-1] or not follows):
            repetitions[-1].append(at)
        elif follows:
            chain.append(at)
            originals.setdefault(key, at)
            repetitions.append([])
        else:
            return None
    proven = set(chain[1:] if oldest_first else chain[:-1])
    reprints = [run for run in repetitions if any(originals[keys[at]] in proven for at in run)]
    return {at for run in reprints for at in run} if proven else None


def _follows(previous: BankRow, row: BankRow, *, oldest_first: bool) -> bool:
    before, after = (previous, row) if oldest_first else (row, previous)
    moved = after.amount_minor if after.outcome == "created" else 0
    return (before.balance_minor or 0) + (moved or 0) == after.balance_minor
