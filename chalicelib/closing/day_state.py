"""What the read model holds of a merchant's day at one moment, to be checked and closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import LineKey
from chalicelib.ledger.entries import Entry

Sums = Mapping[tuple[str, str], Totals]
"""Totals by name (an account or a category, '' for none) and currency."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the read model holds it, without its texts.

    `digest` is counted anew from what the row says; where the row's own digest is another, it is
    that one, which no entry has. `has_texts` tells whether a description or metadata stand there.
    """

    entry: Entry
    digest: str
    has_texts: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A month's or a year's totals as kept, and as its days or months add up to."""

    kept: Sums
    counted: Sums


@dataclass(frozen=True, slots=True)
class PriorBalance:
    """A line's balance before the day, in minor units.

    `sealed` comes from earlier days' closings, `unsealed` from entries of earlier days that none of
    them holds, `kept` from the read model's totals, which must be the sum of both.
    """

    sealed: int = 0
    unsealed: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest closing of a merchant: where its chain ends."""

    sequence: int
    root: str


@dataclass(frozen=True, slots=True)
class DayState:
    """A merchant's day at one moment.

    `rows` are by entry id, in order. `mark` is the number under which the day stands as changed,
    None where it does not; `newest` is the day's newest closing as published; `sealed_ids` are the
    entries that it holds; `repairs` counts what was put right since then.
    """

    merchant_id: str
    day: date
    rows: Mapping[str, Row]
    day_totals: Sums
    category_totals: Sums
    month: Period
    year: Period
    before: Mapping[LineKey, PriorBalance]
    mark: int | None = None
    head: ChainHead | None = None
    newest: Mapping[str, Any] | None = None
    sealed_ids: frozenset[str] = frozenset()
    repairs: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether the day holds other entries than its newest closing does."""
        return self.rows.keys() != self.sealed_ids
