"""The read model in memory as the query services read it; each call sees one snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.ledger.balances import DayStatus, Totals
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.ledger.text import searchable
from chalicelib.queries.cash_flow import CashFlowParams, CashFlowRows, PeriodTotals
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.queries.entry_list import (
    EntryFilters,
    ListedEntry,
    PageParams,
    PageRows,
    Position,
)
from chalicelib.queries.freshness import Freshness
from verification.kit.reference_model import month_start
from verification.simulation.fault_proxy import FaultProxy
from verification.simulation.stores.tables import EntryRow, LineOfDay, Tables, summed

SECRET = b"the key of cursors, recorded_entry by the migration"


@dataclass(frozen=True)
class MemoryReads:
    """The port of all query services."""

    tables: Tables
    proxy: FaultProxy

    def balances(self, query: BalanceQuery) -> BalanceRows:
        """Return opening balance, totals by day, day statuses and freshness."""
        sent = (*_sent(query), query.account, query.after)
        return self.proxy.call(
            "queries.balances", sent, lambda: self._balances(query), _unavailable
        )

    def cash_flow(self, query: CashFlowParams) -> CashFlowRows:
        """Return totals by period and group, in order."""
        sent = (*_sent(query), query.by, query.group)
        return self.proxy.call(
            "queries.cash_flow", sent, lambda: self._cash_flow(query), _unavailable
        )

    def entries(self, query: PageParams) -> PageRows:
        """Return up to one entry more than the page's limit."""
        filters, before = query.filters, query.before
        sent = {
            "merchant_id": query.merchant_id,
            "days": (filters.first, filters.last),
            "equal": (filters.account, filters.currency, filters.type, filters.category),
            "text": (filters.q, query.search_text),
            "before": (before.day, before.occurred, before.entry_id) if before else None,
            "limits": (query.limit, query.scan_limit),
        }
        return self.proxy.call("queries.entries", sent, lambda: self._entries(query), _unavailable)

    def _balances(self, query: BalanceQuery) -> BalanceRows:
        merchant_id, first = query.merchant_id, query.first
        month, year = month_start(first), first.replace(month=1, day=1)
        tables = self.tables
        earlier = (
            (tables.years, date.min, year),
            (tables.months, year, month),
            (tables.days, month, first),
        )
        opening = sum(
            totals.net_minor
            for table, start, end in earlier
            for line, totals in table.items()
            if _matches(line, query) and start <= line[2] < end
        )
        after = tables.entries.get(query.after) if query.after else None
        is_in = after is not None and after.entry.merchant_id == merchant_id
        return BalanceRows(
            opening_minor=opening,
            totals=self._day_totals(query),
            freshness=Freshness(tables.merchants.get(merchant_id), is_in if query.after else None),
            day_statuses=self._day_statuses(merchant_id, first, query.last),
        )

    def _day_totals(self, query: BalanceQuery) -> dict[date, Totals]:
        sums: dict[date, Totals] = {}
        for line, totals in self.tables.days.items():
            if _matches(line, query) and query.first <= line[2] <= query.last:
                sums[line[2]] = sums.get(line[2], Totals()).plus(totals)
        return sums

    def _day_statuses(self, merchant_id: str, first: date, last: date) -> Mapping[date, DayStatus]:
        newest: dict[date, int] = {}
        for (merchant, _), row in self.tables.closings.items():
            if merchant == merchant_id and first <= row.day <= last:
                newest[row.day] = max(row.version, newest.get(row.day, 0))
        changed = self.tables.unsealed
        return {
            day: DayStatus("restated" if (merchant_id, day) in changed else "closed", version)
            for day, version in newest.items()
        }

    def _cash_flow(self, query: CashFlowParams) -> CashFlowRows:
        by_category = query.group == "category"
        table = self.tables.categories if by_category else self.tables.days
        named = query.group != "none"
        rows = summed(
            ((_period(line[2], query.by).isoformat(), line[3] if named else ""), totals)
            for line, totals in table.items()
            if line[:2] == (query.merchant_id, query.currency)
            and query.first <= line[2] <= query.last
        )
        ordered = sorted(rows, key=lambda line: (line[0], line[1] == "", line[1]))
        return CashFlowRows(
            tuple(
                PeriodTotals(date.fromisoformat(line[0]), line[1] or None, rows[line])
                for line in ordered
            ),
            Freshness(self.tables.merchants.get(query.merchant_id)),
        )

    def _entries(self, query: PageParams) -> PageRows:
        mine = [
            row
            for row in self.tables.entries.values()
            if row.entry.merchant_id == query.merchant_id
            and _in_days(row, query.filters)
            and (query.before is None or _key(row) < _key_of(query.before))
        ]
        looked = sorted(mine, key=_key, reverse=True)[: query.scan_limit]
        result = [row for row in looked if _passes(row, query)][: query.limit + 1]
        stopped = len(looked) == query.scan_limit and len(result) <= query.limit
        return PageRows(
            entries=tuple(ListedEntry(k.entry, _position(k), self._reversal(k)) for k in result),
            scanned_to=_position(looked[-1]) if stopped else None,
            secret=SECRET,
        )

    def _reversal(self, row: EntryRow) -> str | None:
        wanted = row.entry.entry_id
        rows = self.tables.entries.values()
        return next((row.entry.entry_id for row in rows if row.entry.reverses == wanted), None)


def _sent(query: BalanceQuery | CashFlowParams) -> tuple[object, ...]:
    return query.merchant_id, query.first, query.last, query.currency


def _unavailable(_is_done: bool) -> Exception:
    return ReadModelUnavailableError("The read model does not answer now.", 3)


def _matches(line: LineOfDay, query: BalanceQuery) -> bool:
    merchant, currency, _, account = line
    request = (query.merchant_id, query.currency)
    return (merchant, currency) == request and query.account in (None, account)


def _period(day: date, by: str) -> date:
    if by == "week":
        return day - timedelta(days=day.weekday())
    return month_start(day) if by == "month" else day


def _in_days(row: EntryRow, filters: EntryFilters) -> bool:
    return (filters.first or date.min) <= row.entry.day <= (filters.last or date.max)


def _passes(row: EntryRow, query: PageParams) -> bool:
    entry, filters = row.entry, query.filters
    text = searchable(entry.description) if entry.description else ""
    return (
        filters.account in (None, entry.account)
        and filters.currency in (None, entry.currency)
        and filters.type in (None, entry.type)
        and filters.category in (None, entry.category)
        and (
            query.search_text is None
            or (entry.description is not None and query.search_text in text)
        )
    )


def _position(row: EntryRow) -> Position:
    return Position(row.entry.day, row.occurred, row.entry.entry_id)


def _key(row: EntryRow) -> tuple[date, float, str]:
    return _key_of(_position(row))


def _key_of(position: Position) -> tuple[date, float, str]:
    return position.day, position.occurred.timestamp(), position.entry_id
