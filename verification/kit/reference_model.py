"""The reference model: what ledger, read model and closings must hold, by plain addition.

It uses the standard library alone. It is an independent oracle: no total, period or business day
comes from the code under test.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from chalicelib.ledger.entries import Entry

LedgerLine = tuple[str, str, date, str]
"""Merchant, currency, first day of a period, and account (or category, "" for none)."""

# The offset of São Paulo from UTC, written out instead of read from a time zone database.
_SUMMERS = (
    (datetime(2017, 10, 15, 3, tzinfo=UTC), datetime(2018, 2, 18, 2, tzinfo=UTC)),
    (datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2019, 2, 17, 2, tzinfo=UTC)),
)


@dataclass(frozen=True, slots=True)
class ExpectedEntry:
    """An entry as a client expects it from the request that it sent."""

    entry_id: str
    merchant_id: str
    type: str
    amount_minor: int
    currency: str
    account: str
    day: date
    category: str | None = None
    reverses: str | None = None


EntryLike: TypeAlias = "Entry | ExpectedEntry"
"""What the model adds up: entries of the ledger, or of requests."""


class ExpectedTotals(NamedTuple):
    """Credits and debits in minor units, and the number of entries."""

    credits_minor: int = 0
    debits_minor: int = 0
    entries: int = 0

    @property
    def net_minor(self) -> int:
        """Credits minus debits."""
        return self.credits_minor - self.debits_minor


class ExpectedBalance(NamedTuple):
    """A day's balance."""

    day: date
    opening_minor: int
    totals: ExpectedTotals

    @property
    def closing_minor(self) -> int:
        """The balance at the end of the day."""
        return self.opening_minor + self.totals.net_minor


class ExpectedFlow(NamedTuple):
    """Totals of a period ("2026-11-23", "2026-W48" or "2026-11") and account or category."""

    period: str
    group: str | None
    totals: ExpectedTotals


class ReferenceLedger:
    """Entries by id, in the order in which they were added, and everything that follows from them.

    Not safe for threads: callers that share it hold a lock.
    """

    def __init__(self, entries: Iterable[EntryLike] = ()) -> None:
        self.entries: dict[str, EntryLike] = {}
        self.corrected: dict[str, str | None] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: EntryLike) -> bool:
        """Add an entry; return False, and change nothing, where its id is present."""
        is_new = entry.entry_id not in self.entries
        self.entries.setdefault(entry.entry_id, entry)
        return is_new

    def correct(self, entry_id: str, category: str | None) -> None:
        """Give an entry another category, which replaces the recorded one in every sum."""
        self.corrected[entry_id] = category

    def category(self, entry: EntryLike) -> str | None:
        """Return an entry's current category."""
        return self.corrected.get(entry.entry_id, entry.category)

    def select(
        self,
        merchant_id: str,
        currency: str | None = None,
        account: str | None = None,
        first: date = date.min,
        last: date = date.max,
    ) -> list[EntryLike]:
        """Return a merchant's entries from `first` to `last`; None selects all."""
        return [
            entry
            for entry in self.entries.values()
            if entry.merchant_id == merchant_id
            and currency in (None, entry.currency)
            and account in (None, entry.account)
            and first <= entry.day <= last
        ]

    def balances(
        self, merchant_id: str, first: date, last: date, account: str | None, currency: str
    ) -> list[ExpectedBalance]:
        """Return the balance of every day from `first` to `last`; None is all accounts together."""
        selected = self.select(merchant_id, currency, account, last=last)
        opening = totals_of(entry for entry in selected if entry.day < first).net_minor
        result = []
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            totals = totals_of(entry for entry in selected if entry.day == day)
            result.append(ExpectedBalance(day, opening, totals))
            opening = result[-1].closing_minor
        return result

    def cash_flow(
        self, merchant_id: str, first: date, last: date, by: str, group: str, currency: str
    ) -> list[ExpectedFlow]:
        """Return totals by period (day, week or month) and group (account, category or none)."""
        parts: dict[tuple[str, str | None], list[EntryLike]] = {}
        for entry in self.select(merchant_id, currency, first=first, last=last):
            name = {"account": entry.account, "category": self.category(entry), "none": None}[group]
            parts.setdefault((period_name(entry.day, by), name), []).append(entry)
        items = [ExpectedFlow(*part, totals_of(entries)) for part, entries in parts.items()]
        return sorted(items, key=lambda item: (item.period, item.group is None, item.group or ""))

    def totals(
        self, period: str = "day", group: str = "account"
    ) -> dict[LedgerLine, ExpectedTotals]:
        """Return totals by merchant, currency, period (day, month or year) and group."""
        start = PERIOD_STARTS[period]
        parts: dict[LedgerLine, list[EntryLike]] = {}
        for entry in self.entries.values():
            name = entry.account if group == "account" else self.category(entry) or ""
            line = (entry.merchant_id, entry.currency, start(entry.day), name)
            parts.setdefault(line, []).append(entry)
        return {line: totals_of(entries) for line, entries in parts.items()}


def month_start(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def year_start(day: date) -> date:
    """Return the first day of the day's year."""
    return day.replace(month=1, day=1)


PERIOD_STARTS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "month": month_start,
    "year": year_start,
}


def totals_of(entries: Iterable[EntryLike]) -> ExpectedTotals:
    """Return the sums of entries, whatever their currency."""
    sides, count = {"credit": 0, "debit": 0}, 0
    for entry in entries:
        sides[entry.type] += entry.amount_minor
        count += 1
    return ExpectedTotals(sides["credit"], sides["debit"], count)


def effect_minor(entry: EntryLike) -> int:
    """Return what an entry adds to a balance, in minor units."""
    return entry.amount_minor if entry.type == "credit" else -entry.amount_minor


def period_name(day: date, by: str) -> str:
    """Return the name of the day, ISO week or month of a day."""
    if by == "week":
        return "{}-W{:02}".format(*day.isocalendar())
    return day.isoformat() if by == "day" else day.isoformat()[:7]


def business_day(moment: datetime) -> date:
    """Return the day of a moment in São Paulo, counted by the offsets written out above."""
    is_summer = any(start <= moment < end for start, end in _SUMMERS)
    return (moment.astimezone(UTC) - timedelta(hours=2 if is_summer else 3)).date()
