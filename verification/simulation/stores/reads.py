"""The read model in memory as the query services read it; each call sees one snapshot."""

from collections.abc import Mapping
from datetime import date, timedelta
from operator import attrgetter

from chalicelib.ledger.balances import DayStatus
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.ledger.text import searchable
from chalicelib.queries.cash_flow import CashFlowParams, CashFlowRows, PeriodTotals
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.queries.entry_list import (
    ListedEntry,
    PageParams,
    PageRows,
    Position,
)
from chalicelib.queries.freshness import Freshness
from verification.kit.reference_model import month_start
from verification.simulation.fault_proxy import FaultProxy, port
from verification.simulation.stores.sums import stored_before
from verification.simulation.stores.tables import EntryRow, Tables, summed

_key = attrgetter("day", "occurred", "entry_id")
SECRET = b"the key of cursors, created by the migration"


def _balances_sent(query: BalanceQuery) -> tuple[object, ...]:
    return query.merchant_id, query.first, query.last, query.currency, query.account, query.after


def _cash_flow_sent(query: CashFlowParams) -> tuple[object, ...]:
    return query.merchant_id, query.first, query.last, query.currency, query.by, query.group


def _page_sent(query: PageParams) -> dict[str, object]:
    filters, before = query.filters, query.before
    return {
        "merchant_id": query.merchant_id,
        "days": (filters.first, filters.last),
        "equal": (filters.account, filters.currency, filters.type, filters.category),
        "text": (filters.q, query.search_text),
        "before": (before.day, before.occurred, before.entry_id) if before else None,
        "limits": (query.limit, query.scan_limit),
    }


class MemoryReads:
    """The port of all query services."""

    def __init__(self, tables: Tables, proxy: FaultProxy) -> None:
        self._tables = tables
        self._proxy = proxy

    def _fault(self, _is_done: bool) -> Exception:
        return ReadModelUnavailableError("The read model does not answer now.", 3)

    @port("queries.balances", _balances_sent)
    def balances(self, query: BalanceQuery) -> BalanceRows:
        """Return opening balance, totals by day, day statuses and freshness."""
        tables, merchant_id = self._tables, query.merchant_id
        day_totals = summed(
            (day, totals)
            for (merchant, currency, day, account), totals in tables.days.items()
            if (merchant, currency) == (merchant_id, query.currency)
            and query.account in (None, account)
            and query.first <= day <= query.last
        )
        after = tables.entries.get(query.after) if query.after else None
        is_in = after is not None and after.entry.merchant_id == merchant_id
        return BalanceRows(
            opening_minor=sum(
                totals.net_minor
                for (account, currency), totals in stored_before(tables, merchant_id, query.first)
                if currency == query.currency and query.account in (None, account)
            ),
            totals=day_totals,
            freshness=Freshness(tables.merchants.get(merchant_id), is_in if query.after else None),
            day_statuses=self._day_statuses(merchant_id, query.first, query.last),
        )

    @port("queries.cash_flow", _cash_flow_sent)
    def cash_flow(self, query: CashFlowParams) -> CashFlowRows:
        """Return totals by period and group, in order."""
        table = self._tables.categories if query.group == "category" else self._tables.days
        is_named = query.group != "none"
        rows = summed(
            ((_period(day, query.by), name if is_named else ""), totals)
            for (merchant_id, currency, day, name), totals in table.items()
            if (merchant_id, currency) == (query.merchant_id, query.currency)
            and query.first <= day <= query.last
        )
        ordered = sorted(rows, key=lambda line: (line[0], line[1] == "", line[1]))
        items = (PeriodTotals(line[0], line[1] or None, rows[line]) for line in ordered)
        return CashFlowRows(tuple(items), Freshness(self._tables.merchants.get(query.merchant_id)))

    @port("queries.entries", _page_sent)
    def entries(self, query: PageParams) -> PageRows:
        """Return up to one entry more than the page's limit."""
        first, last = query.filters.first or date.min, query.filters.last or date.max
        mine = [
            row
            for row in self._tables.entries.values()
            if row.entry.merchant_id == query.merchant_id
            and first <= row.entry.day <= last
            and (query.before is None or _key(_position(row)) < _key(query.before))
        ]
        looked = sorted(mine, key=lambda row: _key(_position(row)), reverse=True)[
            : query.scan_limit
        ]
        result = [row for row in looked if _passes(row, query)][: query.limit + 1]
        stopped = len(looked) == query.scan_limit and len(result) <= query.limit
        return PageRows(
            entries=tuple(ListedEntry(k.entry, _position(k), self._reversal(k)) for k in result),
            scanned_to=_position(looked[-1]) if stopped else None,
            secret=SECRET,
        )

    def _day_statuses(self, merchant_id: str, first: date, last: date) -> Mapping[date, DayStatus]:
        newest: dict[date, int] = {}
        for (merchant, _), row in self._tables.closings.items():
            if merchant == merchant_id and first <= row.day <= last:
                newest[row.day] = max(row.version, newest.get(row.day, 0))
        changed = self._tables.unsealed
        return {
            day: DayStatus("restated" if (merchant_id, day) in changed else "closed", version)
            for day, version in newest.items()
        }

    def _reversal(self, row: EntryRow) -> str | None:
        wanted = row.entry.entry_id
        rows = self._tables.entries.values()
        return next((row.entry.entry_id for row in rows if row.entry.reverses == wanted), None)


def _period(day: date, by: str) -> date:
    if by == "week":
        return day - timedelta(days=day.weekday())
    return month_start(day) if by == "month" else day


def _passes(row: EntryRow, query: PageParams) -> bool:
    entry, filters = row.entry, query.filters
    text = searchable(entry.description) if entry.description else ""
    return (
        filters.account in (None, entry.account)
        and filters.currency in (None, entry.currency)
        and filters.type in (None, entry.type)
        and filters.category in (None, entry.category)
        and (query.search_text is None or query.search_text in text)
    )


def _position(row: EntryRow) -> Position:
    return Position(row.entry.day, row.occurred, row.entry.entry_id)
