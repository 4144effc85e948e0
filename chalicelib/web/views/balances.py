"""Daily balances (saldo diário consolidado) and cash flow, from the read model."""

from datetime import date, datetime
from typing import Any

from chalicelib.ledger import errors
from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.queries.cash_flow import CashFlowQuestion, cash_flow
from chalicelib.queries.daily_balances import BalanceQuestion, balances
from chalicelib.queries.freshness import Freshness
from chalicelib.queries.read_model import real
from chalicelib.web.conditional import tagged
from chalicelib.web.exchange import Answer
from chalicelib.web.models.balances import (
    CashFlowAnswer,
    DailyBalanceAnswer,
    DailyBalancesAnswer,
    balance_json,
    cash_flow_json,
    freshness_json,
)
from chalicelib.web.models.bodies import NoBody
from chalicelib.web.models.queries import CashFlowQuery, DayQuery, DaysQuery
from chalicelib.web.views.view import Asked, Gives, View


def _daily_balance(asked: Asked[DayQuery, NoBody]) -> Answer:
    day = parse_day(asked.request.path_parameters["day"])
    found, freshness = _balances(_question(asked, day, day))
    shown = balance_json(found[0], asked.query.account, asked.query.currency)
    return _shown(asked, {**shown, "freshness": freshness_json(freshness)})


def _daily_balances(asked: Asked[DaysQuery, NoBody]) -> Answer:
    account, currency = asked.query.account, asked.query.currency
    found, freshness = _balances(_question(asked, asked.query.first, asked.query.last))
    items = [balance_json(balance, account, currency) for balance in found]
    return _shown(asked, {"items": items, "freshness": freshness_json(freshness)})


def _cash_flow(asked: Asked[CashFlowQuery, NoBody]) -> Answer:
    query = asked.query
    question = CashFlowQuestion(
        merchant_id=asked.caller.merchant_id,
        first=query.first,
        last=query.last,
        by=query.by,
        group=query.group,
        currency=query.currency,
    )
    found, freshness = cash_flow(real(), question)
    items = cash_flow_json(found, query.currency)
    return tagged(asked.request, {"items": items, "freshness": freshness_json(freshness)})


def _balances(question: BalanceQuestion) -> tuple[list[DailyBalance], Freshness]:
    if question.after is None:
        return balances(real(), question)
    # Loaded for those who wait, and for nobody else: a first request has enough to load.
    from chalicelib.queries.vain_waits import awaited_balances, of_this_process

    waits = of_this_process()
    return awaited_balances(real(), question, lambda: _recorded_at(question), waits)


def _recorded_at(question: BalanceQuestion) -> datetime | None:
    # Waiting for an entry that the ledger does not hold would only keep others from the function.
    from chalicelib.commands.lookup import look_up
    from chalicelib.commands.ports import ports

    try:
        found = look_up(ports(), question.merchant_id, question.after or "")
    except LedgerUnavailableError:
        return None
    return found.entry.recorded_at


def _question(asked: Asked[Any, NoBody], first: date, last: date) -> BalanceQuestion:
    query: DayQuery | DaysQuery = asked.query
    return BalanceQuestion(
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
