"""What the consolidation works with: the ledger, the read model, and what lies beyond.

Everything that has an effect is one of these operations, so that a simulation can end a run before
or after each of them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from chalicelib.closing.day_state import DayState, Row
from chalicelib.closing.differences import Difference
from chalicelib.ledger.closings import BalanceLine
from chalicelib.ledger.entries import Entry

ClosingKey = tuple[str, int]
"""A merchant and the sequence number of one of its closings."""


Repair = Callable[[Sequence[str], Sequence[str]], None]
"""Holds merchants, makes these entries what the ledger says and counts their totals anew."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All effects of the night.

    `sign` returns the signature (DER, base64) of a SHA-256 digest and the key's id, `verify` says
    whether a signature of a digest is a key's; `archive` keeps bytes under a name, under retention,
    and raises SealMismatchError where others are kept, `supersede` keeps them above those,
    `retained` returns what is kept under a name, None for nothing; `announce` tells of up to 10
    closed days; `clock` gives the aware moment, `pause` waits for seconds.
    """

    ledger: "Ledger"
    books: "Books"
    repair: Repair
    sign: Callable[[bytes], tuple[str, str]]
    verify: Callable[[bytes, str, str], bool]
    archive: Callable[[str, bytes], None]
    supersede: Callable[[str, bytes], None]
    retained: Callable[[str], bytes | None]
    announce: Callable[[Sequence[Mapping[str, Any]]], None]
    clock: Callable[[], datetime]
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class MerchantDays:
    """A merchant and its changed days, oldest first."""

    merchant_id: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class SealedClosing:
    """A closing as it is published, with its leaves, and what the read model keeps beside it.

    `mark` is the number under which the day stood as changed, `run` the execution that made it.
    """

    item: Mapping[str, Any]
    leaves: Sequence[bytes]
    added: Sequence[str]
    effects: Sequence[BalanceLine]
    mark: int | None
    run: str

    @property
    def key(self) -> ClosingKey:
        """The merchant and the sequence number."""
        return self.item["merchant"], self.item["sequence"]


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of a scan, and where it goes on: None at the end."""

    entries: Sequence[Entry]
    next_start: str | None


class Ledger(Protocol):
    """The entries table."""

    def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
        """Return a day's entries by the index, which may be a moment behind."""
        ...

    def newest_recorded(self, merchant_id: str, day: date) -> datetime | None:
        """Return when the newest of a day's entries was recorded; of a large day, of some."""
        ...

    def held(self, entry_ids: Sequence[str]) -> list[Entry]:
        """Return those of these entries that the table holds, by consistent reads."""
        ...

    def segment(self, number: int, of: int, start: str | None) -> Page:
        """Return a page of one of `of` equal parts of the table, from `start` on."""
        ...


class Books(Protocol):
    """The read model with its closings."""

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges, in order."""
        ...

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> list[MerchantDays]:
        """Return a page of merchants from `first` up to `before`, with changed days up to `until`.

        They come in order, from just after `after` on where it is given; an empty page is the end.
        """
        ...

    def newest(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return how far one merchant, or those whose entries came in last, are projected.

        That is when the newest entry was recorded that the read model took in; None for none.
        """
        ...

    def day_state(self, merchant_id: str, day: date) -> DayState:
        """Return all of a day, as of one moment."""
        ...

    def rows(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """Return what stands under these ids, whatever merchant and day it stands under."""
        ...

    def doubtful_days(
        self, merchants: Sequence[str], until: date, every: int
    ) -> list[MerchantDays]:
        """Return days up to `until` on which the read model contradicts itself or its closings.

        Looked at are days `every` days apart, `until` among them: 1 is all days.
        """
        ...

    def note(self, state: DayState, found: Sequence[Difference], run: str, at: datetime) -> None:
        """Keep what differed on a day, once for each line and version."""
        ...

    def unmark(self, merchant_id: str, day: date, mark: int) -> None:
        """Forget that a day changed, unless it changed again since it had this mark."""
        ...

    def record(self, sealed: SealedClosing) -> bool:
        """Insert a closing, all of it or nothing; return False where its number is taken."""
        ...

    def undelivered(self, merchants: Sequence[str]) -> list[ClosingKey]:
        """Return the closings of these merchants that may not be archived and announced."""
        ...

    def closing(self, key: ClosingKey) -> tuple[Mapping[str, Any], list[bytes]]:
        """Return a closing as published, with its leaves."""
        ...

    def delivered(self, keys: Sequence[ClosingKey]) -> None:
        """Remember that these closings are archived and announced."""
        ...

    def counts(self, run: str) -> tuple[int, int]:
        """Return how many closings and how many repairs a run made."""
        ...
