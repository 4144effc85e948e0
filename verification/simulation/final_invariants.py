"""What must be true once nothing fails any more: no entry lost or doubled, every cent correct.

The reference model holds what the clients' requests add up to. The ledger's table, and everything
that the real queries return, is compared with it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.queries.cash_flow import CashFlowParams, cash_flow
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from verification.kit.reference_model import (
    ExpectedBalance,
    ExpectedEntry,
    ExpectedFlow,
    ExpectedTotals,
    ReferenceLedger,
    business_day,
)
from verification.simulation.request_log import Request, RequestLog
from verification.simulation.running_invariants import listing
from verification.simulation.violations import DOUBLED, DRIFT, LIST, LOST, REPLAY, check
from verification.simulation.world import World

Span = tuple[date, date]
LONGEST_SPAN = timedelta(days=100)


def accepted_entries(world: World, log: RequestLog) -> ReferenceLedger:
    """Return a model of the table's entries, each with the content that its request sent.

    Raises InvariantError if the entry of an answered request is missing, if an entry has no
    request, or if it is stored twice.
    """
    entries = ledger_entries(world)
    by_id = {entry.entry_id: entry for entry in entries}
    times = Counter(
        (entry.merchant_id, entry.amount_minor, entry.reverses is not None) for entry in entries
    )
    for name, count in times.items():
        check(count == 1, DOUBLED, f"{name} is in the ledger {count} times")
    for request in log.requests:
        _check_stored(request, by_id)
    requests = log.by_amount()
    return ReferenceLedger(
        _expected_entry(entry, requests[entry.merchant_id, entry.amount_minor], log)
        for entry in entries
    )


def ledger_entries(world: World) -> list[Entry]:
    """Return all entries of the table."""
    return [stored_entry(item).entry for item in world.table.items.values() if is_entry(item)]


def check_reads(world: World, ledger: ReferenceLedger) -> None:
    """Compare every balance, cash flow and list with the reference model."""
    for merchant_id in sorted({entry.merchant_id for entry in ledger.entries.values()}):
        entries = ledger.select(merchant_id)
        for currency in sorted({entry.currency for entry in entries}):
            days = [entry.day for entry in entries if entry.currency == currency]
            for span in spans(days):
                _check_balances(world, ledger, merchant_id, currency, span)
                _check_cash_flow(world, ledger, merchant_id, currency, span)
        _check_list(world, merchant_id)


def spans(days: Iterable[date]) -> Sequence[Span]:
    """Return runs of days that cover all of these, with a day before and after each."""
    result: list[Span] = []
    one_day = timedelta(days=1)
    for day in sorted(set(days)):
        if result and day + one_day - result[-1][0] < LONGEST_SPAN:
            result[-1] = (result[-1][0], day + one_day)
        else:
            result.append((day - one_day, day + one_day))
    return result


def _check_stored(request: Request, by_id: dict[str, Entry]) -> None:
    for response in request.responses[:1]:
        entry = by_id.get(response.entry.entry_id)
        check(entry is not None, LOST, f"{request.key} has a response and is not in the ledger")
        assert entry is not None
        is_same = without_texts(entry) == without_texts(response.entry)
        check(is_same, REPLAY, "the response was {}, and stored is {}", response.entry, entry)
    if request.erases and request.done and request.required_target.recorded_entry:
        entry = by_id[request.required_target.recorded_entry.entry_id]
        is_bare = (entry.description, entry.text_salt, dict(entry.metadata)) == (None, None, {})
        check(is_bare, REPLAY, "{} erased the texts of {}", request.key, entry)


def _expected_entry(entry: Entry, request: Request, log: RequestLog) -> ExpectedEntry:
    check(request.sent > 0, DOUBLED, f"{request.key} was never sent")
    draft = request.expected_draft()
    if entry.reverses is not None:
        reversals = [reversal for reversal in log.reversals_of(request) if reversal.sent]
        check(bool(reversals), DOUBLED, f"no reversal of {request.key} was sent")
        draft = reversals[0].expected_draft()
    is_then = draft.occurred_at in (None, entry.occurred_at)
    check(is_then, DRIFT, f"{request.key} occurred at {entry.occurred_at}")
    return ExpectedEntry(
        entry_id=entry.entry_id,
        merchant_id=entry.merchant_id,
        type=draft.type,
        amount_minor=draft.amount_minor,
        currency=draft.currency,
        account=draft.account,
        day=business_day(datetime.fromisoformat(entry.occurred_at)),
        category=draft.category,
        reverses=entry.reverses,
    )


def _check_balances(
    world: World, ledger: ReferenceLedger, merchant_id: str, currency: str, span: Span
) -> None:
    entries = ledger.select(merchant_id, currency)
    for account in (None, *sorted({entry.account for entry in entries})):
        query = BalanceQuery(merchant_id, *span, account, currency)
        days, _ = balances(world.reads, query)
        expected = ledger.balances(merchant_id, *span, account, currency)
        for balance, expected_balance in zip(days, expected, strict=True):
            _check_day(balance, expected_balance, f"{merchant_id} {account} {currency}")
        last_query = BalanceQuery(merchant_id, span[1], span[1], account, currency)
        last_day, _ = balances(world.reads, last_query)
        check(last_day == days[-1:], DRIFT, "{} ends otherwise than {}", query, last_day)


def _check_day(balance: DailyBalance, expected: ExpectedBalance, line: str) -> None:
    kind = DRIFT
    if balance.totals.entries != expected.totals.entries:
        kind = DOUBLED if balance.totals.entries > expected.totals.entries else LOST
    totals = ExpectedTotals(*balance.totals)
    result = ExpectedBalance(balance.day, balance.opening_minor, totals)
    check(result == expected, kind, "{} is {} and not {}", line, result, expected)


def _check_cash_flow(
    world: World, ledger: ReferenceLedger, merchant_id: str, currency: str, span: Span
) -> None:
    params = CashFlowParams(merchant_id, *span, "day", "category", currency)
    items, _ = cash_flow(world.reads, params)
    expected = ledger.cash_flow(merchant_id, *span, "day", "category", currency)
    result = [ExpectedFlow(item.period, item.group, ExpectedTotals(*item.totals)) for item in items]
    check(result == expected, DRIFT, "{}: cash flow is {}, not {}", merchant_id, result, expected)


def _check_list(world: World, merchant_id: str) -> None:
    listed = listing(world, merchant_id, limit=7)
    entries = [entry for entry in ledger_entries(world) if entry.merchant_id == merchant_id]
    ledger = ReferenceLedger(entries)
    by_id = {entry.entry_id: entry for entry in entries}
    ids = [item.entry.entry_id for item in listed]
    check(len(ids) == len(set(ids)), DOUBLED, f"a list of {merchant_id} has an entry twice")
    check(set(ids) == set(by_id), LIST, f"a list of {merchant_id} is not what the ledger holds")
    for item in listed:
        entry = by_id[item.entry.entry_id]
        is_same = without_texts(item.entry) == without_texts(entry)._replace(origin=None)
        check(is_same, LIST, "{} is listed, and the ledger has {}", item.entry, entry)
        texts = (item.entry.description, dict(item.entry.metadata))
        has_same_texts = texts == (entry.description, dict(entry.metadata))
        check(has_same_texts, LIST, "{} is listed with other texts", entry)
        is_reversed_so = item.reversed_by == ledger.reversed_by(entry.entry_id)
        check(is_reversed_so, LIST, "{} is listed with another reversal", item)
