"""What must be true once nothing fails any more: nothing lost, nothing doubled, not a cent off.

The book's plain sums are held against what the real queries answer, and the closings against the
checker that is handed out alone (verify.py) with the public key.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from chalicelib.ledger.balances import DailyBalance, Totals
from chalicelib.ledger.entries import Entry, EntryDraft, without_texts
from chalicelib.queries.cash_flow import CashFlowParams, cash_flow
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.entry_list import EntryFilters, ListedEntry, page
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from verification.simulation.expected_book import Book, Fact, Request, day_of, sums
from verification.simulation.violations import DOUBLED, DRIFT, LIST, LOST, REPLAY, check
from verification.simulation.world import World

Days = Sequence[tuple[date, date]]
LONGEST = timedelta(days=100)


def facts_of(world: World, book: Book) -> list[Fact]:
    """Return what took effect: each entry of the ledger, once, as its request said it.

    Raises InvariantError for an answered request that is not there, and for what nobody asked for.
    """
    entries = ledger_entries(world)
    by_id = {entry.entry_id: entry for entry in entries}
    query = book.by_amount()
    times = Counter(
        (one.merchant_id, one.amount_minor, one.reverses is not None) for one in entries
    )
    for what, count in times.items():
        check(count == 1, DOUBLED, f"{what} stands in the ledger {count} times")
    for request in book.requests:
        _check_answered(request, by_id, book)
    return [_fact(entry, query[entry.merchant_id, entry.amount_minor], book) for entry in entries]


def ledger_entries(world: World) -> list[Entry]:
    """Return all entries of the table."""
    return [stored_entry(item).entry for item in world.table.items.values() if is_entry(item)]


def check_reads(world: World, facts: Sequence[Fact]) -> None:
    """Hold every balance, sum and list against plain sums."""
    for merchant_id in sorted({fact.merchant_id for fact in facts}):
        mine = [fact for fact in facts if fact.merchant_id == merchant_id]
        for currency in sorted({fact.said.currency for fact in mine}):
            same = [fact for fact in mine if fact.said.currency == currency]
            for first, last in spans([fact.day for fact in same]):
                _check_balances(world, merchant_id, currency, same, (first, last))
                _check_cash_flow(world, merchant_id, currency, same, (first, last))
        _check_list(world, merchant_id)


def spans(days: Iterable[date]) -> Days:
    """Return runs of days that hold all of these, with a day before and after each."""
    result: list[tuple[date, date]] = []
    one_day = timedelta(days=1)
    for day in sorted(set(days)):
        if result and day + one_day - result[-1][0] < LONGEST:
            result[-1] = (result[-1][0], day + one_day)
        else:
            result.append((day - one_day, day + one_day))
    return result


def _check_answered(request: Request, by_id: dict[str, Entry], book: Book) -> None:
    for result in request.answers[:1]:
        there = by_id.get(result.entry.entry_id)
        check(there is not None, LOST, f"{request.key} was answered and is not in the ledger")
        assert there is not None
        same = without_texts(there) == without_texts(result.entry)
        check(same, REPLAY, "answered with {} and is {}", result.entry, there)
    if request.erases and request.done and request.target and request.target.made:
        left = by_id[request.target.made.entry_id]
        bare = (left.description, left.text_salt, dict(left.metadata)) == (None, None, {})
        check(bare, REPLAY, "{} erased {}", request.key, left)


def _fact(entry: Entry, request: Request, book: Book) -> Fact:
    check(request.sent > 0, DOUBLED, f"nobody sent {request.key}")
    said: EntryDraft = request.says()
    if entry.reverses is not None:
        reversals = [one for one in book.reversals_of(request) if one.sent]
        check(bool(reversals), DOUBLED, f"nobody reversed {request.key}")
        said = reversals[0].says()
    check(said.occurred_at in (None, entry.occurred_at), DRIFT, f"{request.key} occurred otherwise")
    return Fact(entry.merchant_id, said, day_of(entry))


def _check_balances(
    world: World, merchant_id: str, currency: str, facts: Sequence[Fact], span: tuple[date, date]
) -> None:
    for account in (None, *sorted({fact.said.account for fact in facts})):
        mine = [fact for fact in facts if account in (None, fact.said.account)]
        question = BalanceQuery(merchant_id, *span, account, currency)
        days, _ = balances(world.reads, question)
        opening = sum(_effect(fact) for fact in mine if fact.day < span[0])
        for balance in days:
            right = _totals(fact for fact in mine if fact.day == balance.day)
            about = f"{merchant_id} {account} {currency} {balance.day}"
            _check_day(balance, opening, right, about)
            opening += right.net_minor
        alone, _ = balances(
            world.reads, BalanceQuery(merchant_id, span[1], span[1], account, currency)
        )
        check(alone == days[-1:], DRIFT, "{} ends otherwise than {}", question, alone)


def _check_day(balance: DailyBalance, opening: int, right: Totals, about: str) -> None:
    result = (balance.opening_minor, balance.totals)
    kind = DOUBLED if balance.totals.entries > right.entries else DRIFT
    kind = LOST if balance.totals.entries < right.entries else kind
    check(result == (opening, right), kind, "{} is {} and not {}", about, result, (opening, right))


def _check_cash_flow(
    world: World, merchant_id: str, currency: str, facts: Sequence[Fact], span: tuple[date, date]
) -> None:
    within = [fact for fact in facts if span[0] <= fact.day <= span[1]]
    request = CashFlowParams(merchant_id, *span, "day", "category", currency)
    items, _ = cash_flow(world.reads, request)
    result = {(item.period, item.group): item.totals for item in items}
    lines = {(fact.day.isoformat(), fact.said.category) for fact in within}
    right = {
        line: _totals(f for f in within if (f.day.isoformat(), f.said.category) == line)
        for line in lines
    }
    check(result == right, DRIFT, "cash flow of {} is {} and not {}", merchant_id, result, right)


def _check_list(world: World, merchant_id: str) -> None:
    listed = listing(world, merchant_id, limit=7)
    there = {
        ledger_entry.entry_id: ledger_entry
        for ledger_entry in ledger_entries(world)
        if ledger_entry.merchant_id == merchant_id
    }
    ids = [one.entry.entry_id for one in listed]
    check(len(ids) == len(set(ids)), DOUBLED, f"a list of {merchant_id} tells an entry twice")
    check(set(ids) == set(there), LIST, f"a list of {merchant_id} is not what the ledger holds")
    undone = {one.reverses: one.entry_id for one in there.values() if one.reverses}
    for one in listed:
        right = without_texts(there[one.entry.entry_id])
        same = without_texts(one.entry) == _as_listed(right)
        check(same, LIST, "{} is listed, and the ledger has {}", one.entry, right)
        texts = (one.entry.description, dict(one.entry.metadata))
        kept = there[one.entry.entry_id]
        check(texts == (kept.description, dict(kept.metadata)), LIST, "{} has other texts", kept)
        check(one.reversed_by == undone.get(one.entry.entry_id), LIST, "{} is not reversed so", one)


def listing(world: World, merchant_id: str, limit: int) -> list[ListedEntry]:
    """Return a merchant's whole list, page by page."""
    matches: list[ListedEntry] = []
    cursor: str | None = None
    while True:
        result = page(world.reads, merchant_id, EntryFilters(), limit, cursor)
        matches += result.items
        cursor = result.next_cursor
        if cursor is None:
            return matches


def _as_listed(entry: Entry) -> Entry:
    return entry._replace(origin=None)


def _effect(fact: Fact) -> int:
    return fact.said.amount_minor if fact.said.type == "credit" else -fact.said.amount_minor


def _totals(facts: Iterable[Fact]) -> Totals:
    added = list(sums(facts).values())
    return Totals(*(sum(one[n] for one in added) for n in range(3)))
