"""Closings (fechamentos): what a numbered version of a closed day says, before it is sealed."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import FieldError, ValidationError

_NUMBER = re.compile("[1-9][0-9]{0,8}", re.ASCII)
LineKey = tuple[str, str]
"""Account and currency: what a line of a closing is about."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A line's opening balance, in minor units of its currency.

    `unsealed_minor` is the part of it that comes from entries of earlier days which no closing held
    yet when this day was sealed: zero on an ordinary night. With it, a checker can add up the
    closings before and tell an early closing from a wrong one.
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
        """What the line is about."""
        return self.account, self.currency

    @property
    def closing_minor(self) -> int:
        """The balance at the end of the day, as known at the sealing."""
        return self.opening.minor + self.totals.net_minor


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version says otherwise than the version before it.

    `added` are the ids of the entries that came late, in order; `effect` has each line's
    differences (new minus old) where there are any.
    """

    added: tuple[str, ...]
    effect: tuple[BalanceLine, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """A version of a closed day.

    `sequence` counts the merchant's closings from 1, and `previous_root` is the root (hexadecimal)
    of the one with the number before; `closed_at` is an aware moment; `repairs` counts the lines
    in which the read model differed from the ledger and was put right before this was sealed.
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
        """How many entries the day holds in this version."""
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
    sums: dict[LineKey, list[int]] = {key: [0, 0, 0] for key, at in openings.items() if _counts(at)}
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
    effect = (_difference(key, old.get(key), new.get(key)) for key in sorted(old | new))
    known = frozenset(before[1])
    added = sorted(entry_id for entry_id in after[1] if entry_id not in known)
    return Changes(tuple(added), tuple(line for line in effect if _says_something(line)))


def _difference(key: LineKey, old: BalanceLine | None, new: BalanceLine | None) -> BalanceLine:
    nothing = BalanceLine(*key, Opening(), Totals())
    was, is_now = old or nothing, new or nothing
    less = Totals(-was.totals.credits_minor, -was.totals.debits_minor, -was.totals.entries)
    opened = Opening(is_now.opening.minor - was.opening.minor)
    return replace(nothing, opening=opened, totals=is_now.totals.plus(less))


def _says_something(line: BalanceLine) -> bool:
    return line.opening.minor != 0 or line.totals != Totals()


def _counts(opening: Opening) -> bool:
    return opening != Opening()


def lines_of(item: Mapping[str, Any]) -> tuple[BalanceLine, ...]:
    """Return the lines of a published closing, to compare the next version with."""
    return tuple(_parsed(line) for line in item["balances"])


def effects_of(item: Mapping[str, Any]) -> tuple[BalanceLine, ...]:
    """Return what a published closing adds to the balances that are sealed, line by line."""
    result = item["changes"]["effect"] if item["changes"] else item["balances"]
    return with_entries(_parsed({"unsealed": "0", **line}) for line in result)


def with_entries(lines: Iterable[BalanceLine]) -> tuple[BalanceLine, ...]:
    """Return the lines that say something of entries."""
    return tuple(line for line in lines if line.totals.entries)


def _parsed(line: Mapping[str, Any]) -> BalanceLine:
    return BalanceLine(
        account=line["account"],
        currency=line["currency"],
        opening=Opening(_minor(line["opening"]), _minor(line["unsealed"])),
        totals=Totals(_minor(line["credits"]), _minor(line["debits"]), line["entries"]),
    )


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
