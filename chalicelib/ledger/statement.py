"""The content of a statement: each entry with the running balance, each day with its balance."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate, groupby
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.ledger.balances import DailyBalance, DayStatus, Totals, run_of_days, totals_by
from chalicelib.ledger.categories import Category
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.merchants import Merchant


class DaySeal(NamedTuple):
    """The newest closing of a day, as it was sealed; root and signature are text as published."""

    version: int
    sequence: int
    root: str
    signature: str
    key_id: str


class StatementRow(NamedTuple):
    """An entry with its current category, the id of its reversal (None without one).

    Beside it is the category as it was recorded.
    """

    entry: Entry
    reversed_by: str | None
    recorded_category: str | None


class StatementEntry(NamedTuple):
    """A row of a statement, and the balance after its entry."""

    entry: Entry
    reversed_by: str | None
    balance_minor: int
    recorded_category: str | None


class StatementDay(NamedTuple):
    """A day's balance, and its newest closing; None where the day was never closed."""

    balance: DailyBalance
    seal: DaySeal | None


class Statement(NamedTuple):
    """Days `first` to `last` of one account, or (None) of all, in one currency, in minor units.

    `openings` has the balance of each account before `first`; their sum is `opening_minor`. `as_of`
    is when the newest entry in the read model was recorded; `zone` is the business time zone;
    `categories` are the registered ones by slug, and `merchant` is whose statement it is, if that
    is stored; both are for files that people read.
    """

    first: date
    last: date
    account: str | None
    currency: str
    openings: Mapping[str, int]
    entries: Sequence[StatementEntry]
    days: Sequence[StatementDay]
    as_of: datetime | None
    zone: ZoneInfo
    categories: Mapping[str, Category] = MappingProxyType({})
    merchant: Merchant | None = None

    @property
    def opening_minor(self) -> int:
        """The balance before the first day."""
        return sum(self.openings.values())

    @property
    def totals(self) -> Totals:
        """Credits, debits and number of entries of all days."""
        total = Totals()
        for day in self.days:
            total = total.plus(day.balance.totals)
        return total

    @property
    def closing_minor(self) -> int:
        """The balance at the end of the last day."""
        return self.opening_minor + self.totals.net_minor

    def category_name(self, slug: str | None) -> str | None:
        """Return the name of a category, its slug if it is not registered."""
        registered = self.categories.get(slug or "")
        return registered.name if registered else slug

    @property
    def newest(self) -> datetime | None:
        """When the newest of these entries was recorded, None without entries.

        Files take their date from it, so that the same content gives the same bytes.
        """
        return max((line.entry.recorded_at for line in self.entries), default=None)


class StatementRows(NamedTuple):
    """What the read model holds for a statement, all of one moment.

    `entries` are oldest first; `totals` are those of the days with entries; `statuses` and `seals`
    those of the days that were closed.
    """

    openings: Mapping[str, int]
    entries: Sequence[StatementRow]
    totals: Mapping[date, Totals]
    statuses: Mapping[date, DayStatus]
    seals: Mapping[date, DaySeal]
    as_of: datetime | None


def build(
    rows: StatementRows,
    first: date,
    last: date,
    account: str | None,
    currency: str,
    zone: ZoneInfo,
) -> Statement:
    """Return the statement of these rows.

    Raises ReadModelUnavailableError if the entries do not add up to the balances, which lasts only
    until the read model is repaired.
    """
    if totals_by((row.entry for row in rows.entries), lambda entry: entry.day) != rows.totals:
        raise ReadModelUnavailableError(
            "The entries of these days do not add up to their balances; the next consolidation "
            "run repairs that. Retry later.",
            retry_after=3600,
        )
    openings = {name: minor for name, minor in rows.openings.items() if minor}
    opening_minor = sum(openings.values())
    balances = run_of_days(first, last, opening_minor, rows.totals, rows.statuses)
    return Statement(
        first=first,
        last=last,
        account=account,
        currency=currency,
        openings=openings,
        entries=tuple(_running(rows.entries, opening_minor)),
        days=tuple(StatementDay(balance, rows.seals.get(balance.day)) for balance in balances),
        as_of=rows.as_of,
        zone=zone,
    )


def first_days(statement: Statement, most: int) -> Statement:
    """Return the statement of the first days, which together have at most `most` entries."""
    counts = accumulate(day.balance.totals.entries for day in statement.days)
    days = [day for day, count in zip(statement.days, counts, strict=True) if count <= most]
    return statement._replace(
        last=days[-1].balance.day if days else statement.first,
        entries=statement.entries[: sum(day.balance.totals.entries for day in days)],
        days=tuple(days),
    )


def occurred_locally(entry: Entry, zone: ZoneInfo) -> datetime:
    """Return when an entry occurred, in the business time zone instead of the sender's offset."""
    return parse_instant(entry.occurred_at).astimezone(zone)


def entries_by_day(statement: Statement) -> Iterable[tuple[date, list[StatementEntry]]]:
    """Yield each day that has entries, with its entries."""
    for day, lines in groupby(statement.entries, key=lambda line: line.entry.day):
        yield day, list(lines)


def _running(rows: Iterable[StatementRow], balance_minor: int) -> Iterable[StatementEntry]:
    for entry, reversed_by, recorded_category in rows:
        balance_minor += entry.effect_minor
        yield StatementEntry(entry, reversed_by, balance_minor, recorded_category)
