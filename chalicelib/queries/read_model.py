"""The read model in PostgreSQL, as livro_reader: a request is one statement and one round trip.

The SQL functions that it calls are in chalicelib/migrations (`git grep 'FUNCTION cash_flow('`);
where several files define one, the last of them applies.

No read waits long: connecting and responding take at most 1 s each (statements have their own
limit), and after a failure reads pause for a moment, because reads and writes share a function and
a slow read would delay a write. A query that takes too long is a failure of that merchant's query;
when several merchants' queries in a row take too long, the server is considered unavailable.
"""

import json
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib import observability
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.queries import mapping
from chalicelib.queries.cash_flow import CashFlowParams, CashFlowRows
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError
from chalicelib.storage.postgres import (
    Connections,
    DatabaseUnreachableError,
    Session,
    StatementTimeoutError,
)

if TYPE_CHECKING:
    from chalicelib.queries.closings import LeafRows, Version
    from chalicelib.queries.entry_list import PageParams, PageRows

BREAKER_SECONDS = 3.0
TIMEOUTS_BEFORE_OPEN = 3
"""After timeouts of this many merchants in a row the server is at fault, not their queries."""
_BALANCES = (
    "SELECT concat('[', daily_balances(:merchant, :first, :last, :account, :currency, :after), ',',"
    " day_standings(:merchant, :first, :last), ']')"
)
_CASH_FLOW = "SELECT cash_flow(:merchant, :first, :last, :by, :group, :currency)"
_ENTRY_PAGE = (
    "SELECT entry_page(:merchant, :first, :last, :account, :currency, :type, :category,"
    " :search_text, :before_day, :before_instant, :before_entry, :page_size, :scan_limit)"
)
_CLOSINGS = "SELECT day_closings(:merchant, :day)"
# The condition comes first, so that the rows of this merchant are visible to the query after it.
_NEWEST_SEQUENCE = """
    SELECT CASE WHEN set_config('app.merchant', :merchant, true) IS NOT NULL THEN
        (SELECT coalesce(max(sequence), 0)::text FROM closings
            WHERE merchant_id = CAST(:merchant AS text)) END
"""
_LEAVES = "SELECT closing_leaves(:merchant, :day, :version, :above, :page_size)"
_FURTHER_LEAVES = "SELECT closing_entries(:merchant, :day, :version, :above, :page_size)"
_CHECK = "SELECT '1'"
_PUBLIC_KEYS = "SELECT public_keys()"


class ReadModel:
    """The reads of all queries, safe under threads. Each raises ReadModelUnavailableError."""

    def __init__(self, connections: Connections, window: float = BREAKER_SECONDS) -> None:
        self._connections = connections
        self._breaker = CircuitBreaker((DatabaseUnreachableError,), window)
        self._retry_after = max(1, round(window))
        self._timeouts = TimeoutTracker()

    def balances(self, query: BalanceQuery) -> BalanceRows:
        """Return opening balance, totals by day and freshness, all of one moment."""
        result, day_statuses = self.call(
            _BALANCES,
            merchant=query.merchant_id,
            first=query.first,
            last=query.last,
            account=query.account,
            currency=query.currency,
            after=query.after,
        )
        return mapping.balance_rows(result, day_statuses, query)

    def cash_flow(self, params: CashFlowParams) -> CashFlowRows:
        """Return the totals by period and group, in order."""
        result = self.call(
            _CASH_FLOW,
            merchant=params.merchant_id,
            first=params.first,
            last=params.last,
            by=params.by,
            group=params.group,
            currency=params.currency,
        )
        return mapping.cash_flow_rows(result)

    def entries(self, params: "PageParams") -> "PageRows":
        """Return a page of entries, and one entry more if there is a next page."""
        filters, before = params.filters, params.before
        result = self.call(
            _ENTRY_PAGE,
            merchant=params.merchant_id,
            first=filters.first,
            last=filters.last,
            account=filters.account,
            currency=filters.currency,
            type=filters.type,
            category=filters.category,
            search_text=params.search_text,
            before_day=before and before.day,
            before_instant=before and before.occurred,
            before_entry=before and before.entry_id,
            page_size=params.limit,
            scan_limit=params.scan_limit,
        )
        return mapping.page_rows(result, params.merchant_id)

    def closings(self, merchant_id: str, day: date) -> list[dict[str, Any]]:
        """Return a day's closings as they were published, newest first."""
        published: list[dict[str, Any]] = self.call(_CLOSINGS, merchant=merchant_id, day=day)
        return published

    def leaves(self, merchant_id: str, version: "Version", above: str, limit: int) -> "LeafRows":
        """Return a version's subtrees, and the leaves of two: those that follow an entry id.

        A version without subtrees has its first `limit` + 1 leaves instead.
        """
        result = self._leaves(_LEAVES, merchant_id, version, above, limit)
        return mapping.leaf_rows(result, merchant_id)

    def further_leaves(
        self, merchant_id: str, version: "Version", above: str, limit: int
    ) -> list[bytes]:
        """Return up to `limit` + 1 leaves of a version, of entry ids greater than `above`."""
        result = self._leaves(_FURTHER_LEAVES, merchant_id, version, above, limit)
        return mapping.leaves(result, merchant_id)

    def newest_sequence(self, merchant_id: str) -> int:
        """Return the sequence number of a merchant's newest closing, 0 without any."""
        sequence: int = self.call(_NEWEST_SEQUENCE, merchant=merchant_id)
        return sequence

    def public_keys(self) -> dict[str, str]:
        """Return the public halves (PEM) of all keys that ever sealed a closing, by their ids."""
        keys: dict[str, str] = self.call(_PUBLIC_KEYS)
        return keys

    def check(self) -> None:
        """Raise ReadModelUnavailableError unless the server responds."""
        self.call(_CHECK)

    def call(self, statement: str, time_limit: int | None = None, **values: Any) -> Any:
        """Return the JSON value that a statement returns; raise ReadModelUnavailableError.

        `time_limit` in seconds replaces the limit of other reads.
        """
        try:
            with self._breaker.guarding():
                text, is_loading = self._read(statement, time_limit, values)
        except CircuitOpenError:
            raise self._unavailable() from None
        except DatabaseUnreachableError as failure:
            observability.log("read_model_out_of_reach", reason=str(failure))
            observability.count("ReadModelOutOfReach")
            raise self._unavailable() from None
        if is_loading and statement != _CHECK:
            raise self._unavailable()
        return json.loads(text)

    def _leaves(
        self, statement: str, merchant_id: str, version: "Version", above: str, limit: int
    ) -> Any:
        return self.call(
            statement,
            merchant=merchant_id,
            day=version.day,
            version=version.number,
            above=above,
            page_size=limit,
        )

    def _read(
        self, statement: str, time_limit: int | None, values: Mapping[str, Any]
    ) -> tuple[str, bool]:
        """Return a statement's JSON, and whether the read model is being loaded, and lacks entries.

        Both are of one moment.
        """
        loading = "EXISTS (SELECT FROM unfinished_rebuild WHERE loads IS NOT NULL)"
        query = f"SELECT ({statement}), {loading}"

        def work(session: Session) -> Any:
            with session.time_limit(time_limit) if time_limit else nullcontext():
                return session.rows(query, **values)[0]

        try:
            row = self._connections.use(work)
        except StatementTimeoutError as failure:
            if self._timeouts.add(values.get("merchant")) >= TIMEOUTS_BEFORE_OPEN:
                # Start again, because the next query that the breaker admits may be of these.
                self._timeouts.clear()
                raise
            observability.log("question_took_too_long", reason=str(failure))
            # To the breaker this is a response: the server is available for everybody else.
            raise ReadModelUnavailableError(
                "This query took too long. Use fewer days or more filters, or retry shortly.",
                self._retry_after,
            ) from None
        self._timeouts.clear()
        return row[0], row[1]

    def _unavailable(self) -> ReadModelUnavailableError:
        return ReadModelUnavailableError(
            "The read model is not available now; entries can still be recorded. Retry shortly.",
            self._retry_after,
        )


class TimeoutTracker:
    """The merchants whose queries timed out since the last response; safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merchants: set[str | None] = set()

    def add(self, merchant_id: str | None) -> int:
        """Add a merchant; return how many different ones there are, up to the limit."""
        with self._lock:
            if len(self._merchants) < TIMEOUTS_BEFORE_OPEN:
                self._merchants.add(merchant_id)
            return len(self._merchants)

    def clear(self) -> None:
        """Forget them, because the server has responded."""
        if self._merchants:
            with self._lock:
                self._merchants.clear()
