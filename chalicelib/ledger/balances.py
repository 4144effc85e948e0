"""Consolidated daily balances: the sums of a range of days (saldo diário consolidado)."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeVar

from chalicelib.ledger.days import days_between
from chalicelib.ledger.entries import Entry

Key = TypeVar("Key", bound=Hashable)
StatusName = Literal["open", "closed", "restated"]


class Totals(NamedTuple):
    """Sums of entries in minor units of one currency; `entries` counts them."""

    credits_minor: int = 0
    debits_minor: int = 0
    entries: int = 0

    @property
    def net_minor(self) -> int:
        """Credits minus debits."""
        return self.credits_minor - self.debits_minor

    def plus(self, other: "Totals") -> "Totals":
        """Return the sum of both."""
        return Totals(
            self.credits_minor + other.credits_minor,
            self.debits_minor + other.debits_minor,
            self.entries + other.entries,
        )


class DayStatus(NamedTuple):
    """Whether a day is closed; `version` is the number of its newest closing."""

    status: StatusName = "open"
    version: int | None = None


class DailyBalance(NamedTuple):
    """One business day of one currency, in minor units; closing = opening + credits - debits."""

    day: date
    opening_minor: int
    totals: Totals
    day_status: DayStatus = DayStatus()

    @property
    def closing_minor(self) -> int:
        """The balance at the end of the day."""
        return self.opening_minor + self.totals.net_minor


def totals_of(entries: Iterable[Entry]) -> Totals:
    """Return the totals of entries of one currency."""
    return totals_by(entries, lambda _entry: None).get(None, Totals())


def totals_by(entries: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, Totals]:
    """Return the totals of each group of entries; `key` returns the group of an entry.

    All entries of a group must have the same currency.
    """
    sums: dict[Key, list[int]] = {}
    for entry in entries:
        group = key(entry)
        total = sums.get(group)
        if total is None:
            total = sums[group] = [0, 0, 0]
        total[0 if entry.type == "credit" else 1] += entry.amount_minor
        total[2] += 1
    return {group: Totals(*total) for group, total in sums.items()}


def run_of_days(
    first: date,
    last: date,
    opening_minor: int,
    totals: Mapping[date, Totals],
    day_statuses: Mapping[date, DayStatus],
) -> Iterator[DailyBalance]:
    """Yield every day from first to last; each opens with the closing balance of the day before."""
    no_entries, open_day = Totals(), DayStatus()
    for day in days_between(first, last):
        of_day = totals.get(day, no_entries)
        yield DailyBalance(day, opening_minor, of_day, day_statuses.get(day, open_day))
        opening_minor += of_day.credits_minor - of_day.debits_minor
