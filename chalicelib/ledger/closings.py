"""Closings (fechamentos): the content of a numbered version of a closed day, and its JSON form."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import FieldError, ValidationError

LineKey = tuple[str, str]
"""Account and currency of a line of a closing."""
_NUMBER = re.compile("[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """A line's opening balance, in minor units of its currency.

    `unsealed_minor` is zero in new closings. In closings of earlier releases it is the part of the
    opening that comes from entries of earlier days which no closing contained yet.
    """

    minor: int = 0
    unsealed_minor: int = 0


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One account in one currency on a closed day; closing = opening + credits - debits."""

    account: str
    currency: str
    opening: Opening
    totals: Totals

    @property
    def key(self) -> LineKey:
        """The line's account and currency."""
        return self.account, self.currency

    @property
    def closing_minor(self) -> int:
        """The balance at the end of the day, as known when the day was sealed."""
        return self.opening.minor + self.totals.net_minor


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of a version against the previous version.

    `added` are the ids of the late entries, in order; `effect` has the difference (new minus old)
    of each line that differs.
    """

    added: tuple[str, ...]
    effect: tuple[BalanceLine, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """A version of a closed day.

    `sequence` counts the merchant's closings from 1, and `previous_root` is the root (hexadecimal)
    of the closing before it in that sequence; `closed_at` is an aware moment; `repairs` counts the
    lines in which the read model differed from the ledger and was repaired before the sealing.
    """

    merchant_id: str
    day: date
    version: int
    sequence: int
    previous_root: str | None
    closed_at: datetime
    lines: tuple[BalanceLine, ...]
    changes: Changes | None = None
    repairs: int = 0

    @property
    def entries(self) -> int:
        """Number of entries of the day in this version."""
        return sum(line.totals.entries for line in self.lines)


def parse_version(text: str, field: str = "version") -> int:
    """Return a version's number, from 1; raise ValidationError naming `field` for other text."""
    if _NUMBER.fullmatch(text):
        return int(text)
    message = "must be a whole number from 1 to 999999999"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def balance_lines(
    entries: Iterable[Entry], openings: Mapping[LineKey, Opening]
) -> tuple[BalanceLine, ...]:
    """Return a day's lines in order: each account and currency with an entry or a balance."""
    sums: dict[LineKey, list[int]] = {
        key: [0, 0, 0] for key, opening in openings.items() if opening != Opening()
    }
    for entry in entries:
        line = sums.setdefault((entry.account, entry.currency), [0, 0, 0])
        line[0 if entry.type == "credit" else 1] += entry.amount_minor
        line[2] += 1
    return tuple(
        BalanceLine(*key, openings.get(key, Opening()), Totals(*sums[key])) for key in sorted(sums)
    )


def changes_between(
    before: tuple[Iterable[BalanceLine], Collection[str]],
    after: tuple[Iterable[BalanceLine], Iterable[str]],
) -> Changes:
    """Return what differs between two versions, each given by its lines and its entries' ids."""
    old = {line.key: line for line in before[0]}
    new = {line.key: line for line in after[0]}
    differences = (_difference(key, old.get(key), new.get(key)) for key in sorted(old | new))
    effect = (line for line in differences if line.opening.minor or line.totals != Totals())
    known = frozenset(before[1])
    added = sorted(entry_id for entry_id in after[1] if entry_id not in known)
    return Changes(tuple(added), tuple(effect))


def lines_of(item: Mapping[str, Any]) -> tuple[BalanceLine, ...]:
    """Return the lines of a published closing, to compare the next version with."""
    return tuple(_parse_line(line) for line in item["balances"])


def effects_of(item: Mapping[str, Any]) -> tuple[BalanceLine, ...]:
    """Return what a published closing adds to the balances that are sealed, line by line."""
    lines = item["changes"]["effect"] if item["changes"] else item["balances"]
    return with_entries(_parse_line({"unsealed": "0", **line}) for line in lines)


def with_entries(lines: Iterable[BalanceLine]) -> tuple[BalanceLine, ...]:
    """Return the lines that count at least one entry."""
    return tuple(line for line in lines if line.totals.entries)


def _difference(key: LineKey, old: BalanceLine | None, new: BalanceLine | None) -> BalanceLine:
    empty = BalanceLine(*key, Opening(), Totals())
    old, new = old or empty, new or empty
    subtracted = Totals(-old.totals.credits_minor, -old.totals.debits_minor, -old.totals.entries)
    opening = Opening(new.opening.minor - old.opening.minor)
    return replace(empty, opening=opening, totals=new.totals.plus(subtracted))


def _parse_line(line: Mapping[str, Any]) -> BalanceLine:
    names = ("opening", "unsealed", "credits", "debits")
    # Amounts of one currency all have its number of decimals, so minor units need no arithmetic.
    opening, unsealed, credits, debits = (int(line[name].replace(".", "")) for name in names)
    return BalanceLine(
        account=line["account"],
        currency=line["currency"],
        opening=Opening(opening, unsealed),
        totals=Totals(credits, debits, line["entries"]),
    )
