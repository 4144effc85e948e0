"""The read model in memory as the query of balances reads it; each call sees one snapshot."""

from collections.abc import Mapping
from datetime import date

from chalicelib.ledger.balances import DayStatus
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.queries.freshness import Freshness
from verification.simulation.faults import FaultProxy, port
from verification.simulation.stores.sums import stored_before
from verification.simulation.stores.tables import Tables, summed


class MemoryReads:
    """The port of the query of balances."""

    def __init__(self, tables: Tables, proxy: FaultProxy) -> None:
        self._tables = tables
        self._proxy = proxy

    def _fault(self, _is_done: bool) -> Exception:
        return ReadModelUnavailableError("The read model does not answer now.", 3)

    @port("queries.balances")
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
                net_minor
                for (account, currency), net_minor in stored_before(
                    tables, merchant_id, query.first
                )
                if currency == query.currency and query.account in (None, account)
            ),
            totals=day_totals,
            freshness=Freshness(tables.merchants.get(merchant_id), is_in if query.after else None),
            day_statuses=self._day_statuses(merchant_id, query.first, query.last),
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
