"""The read model in PostgreSQL: one call, one statement, one round trip a request, as livro_reader.

It never waits long: connecting and answering have 1 s each, and after a failure nobody asks for a
moment, because reads and writes share one function and a slow read would keep a write from it. A
question that took too long is its merchant's own failure; several merchants' are the server's.
"""

import json
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib import observability
from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.queries import mapping
from chalicelib.queries.cash_flow import CashFlowParams, CashFlowRows
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.runtime import clients
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError
from chalicelib.storage.postgres import (
    Connections,
    DatabaseUnreachableError,
    Session,
    StatementTimeoutError,
)

if TYPE_CHECKING:
    from chalicelib.queries.entry_list import PageParams, PageRows

BREAKER_SECONDS = 3.0
TIMEOUTS_BEFORE_OPEN = 3
"""So many different merchants' questions in a row took too long: it is not for what was asked."""
_BOUND = 8
_BALANCES = (
    "SELECT concat('[', daily_balances(:merchant, :first, :last, :account, :currency, :after), ',',"
    " day_standings(:merchant, :first, :last), ']')"
)
_CASH_FLOW = "SELECT cash_flow(:merchant, :first, :last, :by, :group, :currency)"
_ENTRY_PAGE = (
    "SELECT entry_page(:merchant, :first, :last, :account, :currency, :type, :category, :sought,"
    " :before_day, :before_instant, :before_entry, :page_size, :look_at)"
)


@lru_cache(maxsize=1)
def real() -> "ReadModel":
    """Return this process's read model, as the settings name it."""
    return ReadModel(Connections(lambda: clients.database("livro_reader"), _BOUND))


class ReadModel:
    """The reads of all query services; threads share it."""

    def __init__(self, connections: Connections, window: float = BREAKER_SECONDS) -> None:
        self._connections = connections
        self._breaker = CircuitBreaker((DatabaseUnreachableError,), window)
        self._retry_after = max(1, round(window))
        self._cut_off = TimeoutTracker()

    def balances(self, question: BalanceQuery) -> BalanceRows:
        """Return opening balance, totals by day and freshness, from one moment's state."""
        balances, standings = self.ask(
            _BALANCES,
            merchant=question.merchant_id,
            first=question.first,
            last=question.last,
            account=question.account,
            currency=question.currency,
            after=question.after,
        )
        return mapping.balance_reading(balances, standings, question)

    def cash_flow(self, question: CashFlowParams) -> CashFlowRows:
        """Return the sums by period and group, in order."""
        answer = self.ask(
            _CASH_FLOW,
            merchant=question.merchant_id,
            first=question.first,
            last=question.last,
            by=question.by,
            group=question.group,
            currency=question.currency,
        )
        return mapping.cash_flow_reading(answer)

    def entries(self, question: "PageParams") -> "PageRows":
        """Return one entry more than the page's limit if there are so many."""
        filters, before = question.filters, question.before
        answer = self.ask(
            _ENTRY_PAGE,
            merchant=question.merchant_id,
            first=filters.first,
            last=filters.last,
            account=filters.account,
            currency=filters.currency,
            type=filters.type,
            category=filters.category,
            sought=question.sought,
            before_day=before and before.day,
            before_instant=before and before.occurred,
            before_entry=before and before.entry_id,
            page_size=question.limit,
            look_at=question.look_at,
        )
        return mapping.page_reading(answer, question.merchant_id)

    def ask(self, call: str, **values: Any) -> Any:
        """Return the JSON value of a call; raise ReadModelUnavailableError if there is none."""

        def work(session: Session) -> Any:
            return session.rows(call, **values)[0][0]

        try:
            with self._breaker.guarding():
                answer = self._answered(work, values.get("merchant"))
        except CircuitOpenError:
            raise self._unavailable() from None
        except DatabaseUnreachableError as failure:
            observability.log("read_model_out_of_reach", reason=str(failure))
            observability.count("ReadModelOutOfReach")
            raise self._unavailable() from None
        return json.loads(answer)

    def _answered(self, work: Callable[[Session], Any], merchant_id: str | None) -> Any:
        try:
            answer = self._connections.use(work)
        except StatementTimeoutError as failure:
            if self._cut_off.so_many(merchant_id) >= TIMEOUTS_BEFORE_OPEN:
                # Counted anew once the breaker lets one through, who may be one of these three.
                self._cut_off.none()
                raise
            observability.log("question_took_too_long", reason=str(failure))
            # To the breaker this is an answer: the server is there for everybody else.
            raise ReadModelUnavailableError(
                "This question took too long now. Ask for fewer days or with more filters, or "
                "again shortly.",
                self._retry_after,
            ) from None
        self._cut_off.none()
        return answer

    def _unavailable(self) -> ReadModelUnavailableError:
        return ReadModelUnavailableError(
            "The read model does not answer now; entries can still be recorded. Ask again shortly.",
            self._retry_after,
        )


class TimeoutTracker:
    """Whose questions took too long since one was last answered; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merchants: set[str | None] = set()

    def so_many(self, merchant_id: str | None) -> int:
        """Add a merchant; return how many different ones there are now, at most all that matter."""
        with self._lock:
            if len(self._merchants) < TIMEOUTS_BEFORE_OPEN:
                self._merchants.add(merchant_id)
            return len(self._merchants)

    def none(self) -> None:
        """Forget them: the server has answered."""
        if self._merchants:
            with self._lock:
                self._merchants.clear()
