"""The stores and services that closing a day works with.

Every effect is one of these operations, so that a simulation can end a run before or after it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from chalicelib.closing.day_state import DayState, Row
from chalicelib.closing.differences import Difference
from chalicelib.closing.seal_ports import Archive, Events, Keys, Signer
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.closings import BalanceLine
from chalicelib.ledger.entries import Entry

ClosingKey = tuple[str, int]
"""A merchant and the sequence number of one of its closings."""

Repair = Callable[[Sequence[str], Sequence[str]], None]
"""Rewrites entries and their categories, by ids, and recomputes the totals of these merchants."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All effects of a run; `clock` returns an aware moment, `pause` takes seconds."""

    ledger: "Ledger"
    read_model: "ReadModel"
    repair: Repair
    signer: Signer
    keys: Keys
    archive: Archive
    events: Events
    clock: Callable[[], datetime]
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class MerchantDays:
    """A merchant and some of its days, oldest first.

    Days up to `reconciled_until` (None: not known) were compared with the ledger after their end.
    """

    merchant_id: str
    days: tuple[date, ...]
    reconciled_until: date | None = None


@dataclass(frozen=True, slots=True)
class SealedClosing:
    """A closing as it is published, with its leaves and what the read model stores beside it.

    `change_id` numbers the day's last change when its state was read; `run` is the execution.
    """

    item: Mapping[str, Any]
    leaves: Sequence[bytes]
    added: Sequence[str]
    effects: Sequence[BalanceLine]
    change_id: int | None
    run: str

    @property
    def key(self) -> ClosingKey:
        """The merchant and the sequence number."""
        return self.item["merchant"], self.item["sequence"]


class Page(NamedTuple):
    """Entries and corrections of a scan, and where the next page starts: None at the end."""

    entries: Sequence[Entry]
    next_start: str | None
    corrections: Sequence[CategoryCorrection] = ()


class SweepSegment(NamedTuple):
    """A segment of the entries table, the day on which it is due, and where a scan continues."""

    number: int
    due_on: date
    position: str | None


class Ledger(Protocol):
    """The entries table."""

    def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
        """Return a day's entries by the index, which may be a moment behind."""

    def without_entries(self, merchants: Sequence[str], day: date) -> set[str]:
        """Return those of these merchants that have no entry of a day in the index."""

    def is_empty(self) -> bool:
        """Return whether the table holds no entry."""

    def days_between(self, merchant_id: str, after: date | None, until: date) -> list[date]:
        """Return the days after `after` (None: all) up to `until` that have entries, in order."""

    def oldest_recorded(self, merchant_id: str, day: date) -> datetime | None:
        """Return when the oldest of a day's readable entries was recorded, by the index."""

    def newest_recorded(
        self, merchant_id: str, day: date, after: datetime, before: datetime
    ) -> datetime | None:
        """Return the last time at which an entry of a day was recorded, from `after` to `before`.

        None if none was. `before` is not included. Of a large day, only some entries are read.
        """

    def get_entries(self, entry_ids: Sequence[str]) -> list[Entry]:
        """Return those of these entries that exist, by consistent reads."""

    def corrections(self, entry_ids: Sequence[str]) -> list[CategoryCorrection]:
        """Return the corrections of these entries' categories, by consistent reads."""

    def erased_since(self, entry_ids: Sequence[str], since: datetime) -> set[str]:
        """Return those of these entries whose texts were erased since, by consistent reads."""

    def segment(self, number: int, of: int, start: str | None) -> Page:
        """Return a page of one of `of` equal parts of the table, from `start` on."""


class ReadModel(Protocol):
    """The read model with its closings."""

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges, in order."""

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> list[MerchantDays]:
        """Return a page of merchants from `first` up to `before`, with changed days up to `until`.

        They are in order and begin after `after`, if it is given; an empty page is the end. Where
        no run has noted until when a merchant is reconciled, it is the newest day ever closed.
        """

    def newest_projected(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return when the newest projected entry of each merchant was recorded; None without any.

        With `merchant_id`, of this merchant; else of the `limit` merchants with the newest entries.
        """

    def day_state(self, merchant_id: str, day: date) -> DayState:
        """Return everything about a day, as of one moment."""

    def idle(self, merchants: Sequence[str], day: date) -> list[str]:
        """Return the merchants of which the read model has nothing of a day, and never had.

        The sums of the day's month and year are right.
        """

    def rows(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows with these ids, whatever merchant and day they name."""

    def inconsistent_days(
        self, merchants: Sequence[str], until: date, every: int
    ) -> list[MerchantDays]:
        """Return days up to `until` on which the read model contradicts itself or its closings.

        Only days `every` days apart are checked, `until` among them: 1 checks all days.
        """

    def wrong_newest(self, merchants: Sequence[str], until: date, every: int) -> list[str]:
        """Return merchants with a wrong `newest_recorded_at`; one in `every` is checked a day."""

    def recompute_sealed(self, merchant_id: str) -> None:
        """Make the sums of a merchant's closings what the closings say."""

    def rebuild_status(self) -> tuple[bool, bool]:
        """Return whether the read model is empty, and whether a rebuild of it has not ended."""

    def mark_reconciled(self, merchants: Sequence[str], until: date) -> None:
        """Store that all days of these merchants up to `until` are reconciled."""

    def record_differences(
        self, state: DayState, differences: Sequence[Difference], run: str, at: datetime
    ) -> None:
        """Store what differed on a day, once for each line and version."""

    def clear_change(self, merchant_id: str, day: date, change_id: int) -> None:
        """Mark a day as unchanged, unless it has changed since this change."""

    def insert_closing(self, sealed: SealedClosing) -> bool:
        """Insert a closing completely or not at all; return False if its sequence is taken."""

    def pending(self, merchants: Sequence[str]) -> list[ClosingKey]:
        """Return the closings of these merchants that may not be archived and announced yet."""

    def closing(self, key: ClosingKey) -> tuple[Mapping[str, Any], list[bytes]]:
        """Return a closing as published, with its leaves."""

    def closings_between(
        self, merchant_id: str, first: int, last: int
    ) -> Sequence[Mapping[str, Any]]:
        """Return the closings with these numbers, newest first; of large ones, only the newest."""

    def mark_delivered(self, keys: Sequence[ClosingKey]) -> None:
        """Store that these closings are archived and announced."""

    def due_segment(self, lane: int, lanes: int, until: date) -> SweepSegment | None:
        """Return a lane's most overdue segment of those that are due on a day, None without any."""

    def move_segment(self, segment: SweepSegment, position: str | None, due_on: date) -> None:
        """Store where a segment continues and when it is due, unless another run has moved it."""

    def sweep_overdue(self, day: date) -> int:
        """Return for how many days the most overdue segment is due on a day; 0 if none is."""

    def counts(self, run: str) -> tuple[int, int]:
        """Return how many closings and how many repairs a run made."""
