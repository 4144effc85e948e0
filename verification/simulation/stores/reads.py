"""The read model's port in memory as the query services read it: each call one moment's state."""

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
from verification.simulation.fault_proxy import Wire
from verification.simulation.stores.periods import month_start
from verification.simulation.stores.tables import KeptEntry, LineOfDay, Tables, summed

SECRET = b"the key of cursors, made by the migration"


@dataclass(frozen=True)
class MemoryReads:
    """The reads of all query services."""

    tables: Tables
    wire: Wire

    def balances(self, question: BalanceQuery) -> BalanceRows:
        """Return opening balance, totals and statuses by day, and freshness."""
        sent = (*_sent(question), question.account, question.after)
        return self.wire.call(
            "queries.balances", sent, lambda: self._balances(question), _unavailable
        )

    def cash_flow(self, question: CashFlowParams) -> CashFlowRows:
        """Return the sums by period and group, in order."""
        sent = (*_sent(question), question.by, question.group)
        return self.wire.call(
            "queries.cash_flow", sent, lambda: self._cash_flow(question), _unavailable
        )

    def entries(self, question: PageParams) -> PageRows:
        """Return one entry more than the page's limit if there are so many."""
        filters, before = question.filters, question.before
        sent = {
            "merchant_id": question.merchant_id,
            "days": (filters.first, filters.last),
            "equal": (filters.account, filters.currency, filters.type, filters.category),
            "text": (filters.q, question.search_text),
            "before": (before.day, before.occurred, before.entry_id) if before else None,
            "limits": (question.limit, question.scan_limit),
        }
        return self.wire.call(
            "queries.entries", sent, lambda: self._entries(question), _unavailable
        )

    def _balances(self, question: BalanceQuery) -> BalanceRows:
        merchant_id, first = question.merchant_id, question.first
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
            if _asked(line, question) and start <= line[2] < end
        )
        after = tables.entries.get(question.after) if question.after else None
        is_in = after is not None and after.entry.merchant_id == merchant_id
        return BalanceRows(
            opening_minor=opening,
            totals=self._day_totals(question),
            freshness=Freshness(
                tables.merchants.get(merchant_id), is_in if question.after else None
            ),
            day_statuses=self._standings(merchant_id, first, question.last),
        )

    def _day_totals(self, question: BalanceQuery) -> dict[date, Totals]:
        sums: dict[date, Totals] = {}
        for line, totals in self.tables.days.items():
            if _asked(line, question) and question.first <= line[2] <= question.last:
                sums[line[2]] = sums.get(line[2], Totals()).plus(totals)
        return sums

    def _standings(self, merchant_id: str, first: date, last: date) -> Mapping[date, DayStatus]:
        newest: dict[date, int] = {}
        for (merchant, _), one in self.tables.closings.items():
            if merchant == merchant_id and first <= one.day <= last:
                newest[one.day] = max(one.version, newest.get(one.day, 0))
        changed = self.tables.unsealed
        return {
            day: DayStatus("restated" if (merchant_id, day) in changed else "closed", version)
            for day, version in newest.items()
        }

    def _cash_flow(self, question: CashFlowParams) -> CashFlowRows:
        by_category = question.group == "category"
        table = self.tables.categories if by_category else self.tables.days
        named = question.group != "none"
        rows = summed(
            ((_period(line[2], question.by).isoformat(), line[3] if named else ""), totals)
            for line, totals in table.items()
            if line[:2] == (question.merchant_id, question.currency)
            and question.first <= line[2] <= question.last
        )
        ordered = sorted(rows, key=lambda line: (line[0], line[1] == "", line[1]))
        return CashFlowRows(
            tuple(
                PeriodTotals(date.fromisoformat(line[0]), line[1] or None, rows[line])
                for line in ordered
            ),
            Freshness(self.tables.merchants.get(question.merchant_id)),
        )

    def _entries(self, question: PageParams) -> PageRows:
        mine = [
            kept
            for kept in self.tables.entries.values()
            if kept.entry.merchant_id == question.merchant_id
            and _in_days(kept, question.filters)
            and (question.before is None or _key(kept) < _key_of(question.before))
        ]
        looked = sorted(mine, key=_key, reverse=True)[: question.scan_limit]
        result = [kept for kept in looked if _passes(kept, question)][: question.limit + 1]
        stopped = len(looked) == question.scan_limit and len(result) <= question.limit
        return PageRows(
            entries=tuple(ListedEntry(k.entry, _position(k), self._reversal(k)) for k in result),
            scanned_to=_position(looked[-1]) if stopped else None,
            secret=SECRET,
        )

    def _reversal(self, kept: KeptEntry) -> str | None:
        wanted = kept.entry.entry_id
        rows = self.tables.entries.values()
        return next((row.entry.entry_id for row in rows if row.entry.reverses == wanted), None)


def _sent(question: BalanceQuery | CashFlowParams) -> tuple[object, ...]:
    return question.merchant_id, question.first, question.last, question.currency


def _unavailable(_is_done: bool) -> Exception:
    return ReadModelUnavailableError("The read model does not answer now.", 3)


def _asked(line: LineOfDay, question: BalanceQuery) -> bool:
    merchant, currency, _, account = line
    request = (question.merchant_id, question.currency)
    return (merchant, currency) == request and question.account in (None, account)


def _period(day: date, by: str) -> date:
    if by == "week":
        return day - timedelta(days=day.weekday())
    return month_start(day) if by == "month" else day


def _in_days(kept: KeptEntry, filters: EntryFilters) -> bool:
    return (filters.first or date.min) <= kept.entry.day <= (filters.last or date.max)


def _passes(kept: KeptEntry, question: PageParams) -> bool:
    entry, filters = kept.entry, question.filters
    text = searchable(entry.description) if entry.description else ""
    return (
        filters.account in (None, entry.account)
        and filters.currency in (None, entry.currency)
        and filters.type in (None, entry.type)
        and filters.category in (None, entry.category)
        and (
            question.search_text is None
            or (entry.description is not None and question.search_text in text)
        )
    )


def _position(kept: KeptEntry) -> Position:
    return Position(kept.entry.day, kept.occurred, kept.entry.entry_id)


def _key(kept: KeptEntry) -> tuple[date, float, str]:
    return _key_of(_position(kept))


def _key_of(position: Position) -> tuple[date, float, str]:
    return position.day, position.occurred.timestamp(), position.entry_id
