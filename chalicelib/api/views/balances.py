"""Daily balances (saldo diário consolidado) and cash flow, from the read model."""

from datetime import date, datetime
from typing import Any

from chalicelib.api.conditional import tagged
from chalicelib.api.exchange import Answer
from chalicelib.api.models.balances import (
    CashFlowAnswer,
    DailyBalanceAnswer,
    DailyBalancesAnswer,
    balance_json,
    cash_flow_json,
    freshness_json,
)
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.queries import CashFlowQuery, DayQuery, DaysQuery
from chalicelib.api.views.view import Asked, Gives, View
from chalicelib.ledger import errors
from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.queries import wiring
from chalicelib.queries.cash_flow import CashFlowParams, cash_flow
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.freshness import Freshness


def _daily_balance(asked: Asked[DayQuery, NoBody]) -> Answer:
    day = parse_day(asked.request.path_parameters["day"])
    result, freshness = _balances(_question(asked, day, day))
    shown = balance_json(result[0], asked.query.account, asked.query.currency)
    return _shown(asked, {**shown, "freshness": freshness_json(freshness)})


def _daily_balances(asked: Asked[DaysQuery, NoBody]) -> Answer:
    account, currency = asked.query.account, asked.query.currency
    result, freshness = _balances(_question(asked, asked.query.first, asked.query.last))
    items = [balance_json(balance, account, currency) for balance in result]
    return _shown(asked, {"items": items, "freshness": freshness_json(freshness)})


def _cash_flow(asked: Asked[CashFlowQuery, NoBody]) -> Answer:
    query = asked.query
    question = CashFlowParams(
        merchant_id=asked.caller.merchant_id,
        first=query.first,
        last=query.last,
        by=query.by,
        group=query.group,
        currency=query.currency,
    )
    result, freshness = cash_flow(wiring.read_model(), question)
    items = cash_flow_json(result, query.currency)
    return tagged(asked.request, {"items": items, "freshness": freshness_json(freshness)})


def _balances(question: BalanceQuery) -> tuple[list[DailyBalance], Freshness]:
    if question.after is None:
        return balances(wiring.read_model(), question)
    # Loaded for those who wait, and for nobody else: a first request has enough to load.
    from chalicelib.queries.wait_limiter import balances_after

    waits = wiring.wait_limiter()
    return balances_after(wiring.read_model(), question, lambda: _recorded_at(question), waits)


def _recorded_at(question: BalanceQuery) -> datetime | None:
    # Waiting for an entry that the ledger does not hold would only keep others from the function.
    from chalicelib.commands.get_entry import get_entry
    from chalicelib.commands.ports import ports

    try:
        result = get_entry(ports(), question.merchant_id, question.after or "")
    except LedgerUnavailableError:
        return None
    return result.entry.recorded_at


def _question(asked: Asked[Any, NoBody], first: date, last: date) -> BalanceQuery:
    query: DayQuery | DaysQuery = asked.query
    return BalanceQuery(
        merchant_id=asked.caller.merchant_id,
        first=first,
        last=last,
        account=query.account,
        currency=query.currency,
        after=query.after,
    )


def _shown(asked: Asked[Any, NoBody], shown: dict[str, Any]) -> Answer:
    # Who waits for an entry asks how that went, which no 304 could say.
    return tagged(asked.request, shown, answerable=asked.query.after is None)


daily_balance = View(
    answer=_daily_balance,
    query=DayQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, DailyBalanceAnswer, "The day's balance.", ("ETag",))],
    refuses=[errors.ReadModelUnavailableError],
)

daily_balances = View(
    answer=_daily_balances,
    query=DaysQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, DailyBalancesAnswer, "Every day's balance, gaps included.", ("ETag",))],
    refuses=[errors.ReadModelUnavailableError],
)

cash_flow_view = View(
    answer=_cash_flow,
    query=CashFlowQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, CashFlowAnswer, "The flow, period by period.", ("ETag",))],
    refuses=[errors.ReadModelUnavailableError],
)
