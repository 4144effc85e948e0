"""The operations of the routes, with their limits."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

from chalicelib.ledger.errors import ValidationError
from chalicelib.queries.cash_flow import CashFlowParams
from chalicelib.queries.closings import LEAVES_PER_READ, Version
from chalicelib.queries.daily_balances import BalanceQuery
from chalicelib.queries.entry_list import SCAN_LIMIT, EntryFilters, PageParams, Position
from chalicelib.queries.read_model import ReadModel
from chalicelib.queries.statements import MOST_ENTRIES, StatementQuery, entry_currencies, statement
from verification.kit.generators import NOON, ZONE
from verification.statement_limits.operations import CURRENCY, SMALL, Operation, Seeded
from verification.statement_limits.seed import LARGE_MERCHANT, Extent


def operations(reads: ReadModel, seeded: Seeded) -> Iterator[Operation]:
    """Yield the operations of lists, statements, balances, cash flow and closings."""
    yield from _lists(reads, seeded)
    yield from _statements(reads, seeded.extent)
    yield from _sums(reads, seeded.extent.last, seeded.entry_ids[0])
    yield from _sealed(reads, seeded.extent)


def _lists(reads: ReadModel, seeded: Seeded) -> Iterator[Operation]:
    end, within = seeded.end_of_list, seeded.within_large_day
    year = EntryFilters(seeded.extent.last - timedelta(days=365), seeded.extent.last)
    rare = EntryFilters(q="needle")
    middle = Position(seeded.extent.last - timedelta(days=180), NOON, "e" * 32)

    def listed(
        filters: EntryFilters | None = None, before: Position | None = None, limit: int = 50
    ) -> Callable[[], object]:
        chosen = filters or EntryFilters()
        return lambda: reads.entries(
            PageParams(LARGE_MERCHANT, chosen, chosen.q, before, limit, SCAN_LIMIT)
        )

    yield Operation("list: the first page", listed(), 400, 20)
    yield Operation("list: 200 entries, near the end", listed(None, end, 200), 1200, 40)
    yield Operation("list: within a day, at one moment", listed(None, within), 400, 20)
    yield Operation("list: a year of days", listed(year), 400, 20)
    yield Operation("list: the same, from its middle", listed(year, middle), 400, 20)
    half = EntryFilters(account="bank", type="credit")
    yield Operation("list: a common account and type", listed(half, end), 600, 30)
    yield Operation("list: a search that finds nothing", listed(rare), 20_000, 600)
    yield Operation("list: the same, within a day", listed(rare, within), 20_000, 600)
    nobody = EntryFilters(account="nobody", first=date(2000, 1, 1))
    yield Operation("list: an account without entries", listed(nobody), 20_000, 600)
    yield Operation("list: a search that finds the oldest entry", listed(rare, end), 1200, 40)
    small = PageParams(SMALL, EntryFilters(), None, None, 50, SCAN_LIMIT)
    yield Operation("list: a small merchant", lambda: reads.entries(small), 400, 20)


def _statements(reads: ReadModel, extent: Extent) -> Iterator[Operation]:
    """Yield the operations of statements; the book (`book=true`) is one of all accounts."""
    large, day, last = LARGE_MERCHANT, extent.large_day, extent.last
    first, year = date(last.year, last.month - 1, 1), last - timedelta(days=365)
    end, in_month = first + timedelta(days=30), extent.entries // 300
    of_small = extent.entries * 4 // 25 // extent.merchants
    query = partial(StatementQuery, currency=CURRENCY, zone=ZONE)
    for name, of_days, entries, milliseconds in (
        ("a month, the book", query(large, first, end, None), in_month, 600),
        ("a month of an account", query(large, first, end, "main"), in_month // 3, 300),
        ("366 days", query(large, year, last, None), extent.entries // 25, 600),
        ("a large day", query(large, day, day, None), extent.large_day_entries, 600),
        ("an account without entries", query(large, year, last, "nobody"), 0, 100),
        ("366 days of a small merchant", query(SMALL, year, last, None), of_small, 100),
    ):
        # A statement of too many entries reads none of them.
        blocks = 2500 + (5 * entries if entries <= MOST_ENTRIES else 0)
        call = partial(_read_statement, reads, of_days)
        yield Operation(f"statement: {name}", call, blocks, milliseconds)
    currencies = partial(entry_currencies, reads, large, year, last)
    yield Operation("statement: the book's currencies", currencies, 1_200, 10)


def _read_statement(reads: ReadModel, query: StatementQuery) -> None:
    with suppress(ValidationError):  # too many entries: it names days that fit
        statement(reads, query)


def _sums(reads: ReadModel, last: date, entry_id: str) -> Iterator[Operation]:
    def balances(first: date, account: str | None = None) -> Callable[[], object]:
        query = BalanceQuery(LARGE_MERCHANT, first, last, account, CURRENCY, entry_id)
        return lambda: reads.balances(query)

    def flow(by: str, group: str) -> Callable[[], object]:
        params: dict[str, Any] = {"by": by, "group": group}
        first = last - timedelta(days=365)
        query = CashFlowParams(LARGE_MERCHANT, first=first, last=last, currency=CURRENCY, **params)
        return lambda: reads.cash_flow(query)

    yield Operation("balances: a day", balances(last), 300, 20)
    yield Operation("balances: a day of an account", balances(last, "main"), 300, 20)
    year = last - timedelta(days=365)
    yield Operation("balances: 366 days", balances(year), 3000, 60)
    yield Operation("cash flow: 366 days by category", flow("day", "category"), 3000, 60)
    yield Operation("cash flow: 366 days by week and account", flow("week", "account"), 3000, 60)


def _sealed(reads: ReadModel, extent: Extent) -> Iterator[Operation]:
    day = extent.large_day
    version, page = Version(day, 1), min(LEAVES_PER_READ, extent.large_day_entries)
    yield Operation("closings: a day", lambda: reads.closings(LARGE_MERCHANT, day), 30, 10)
    middle = "e" * 32
    yield Operation(
        "closings: two of a day's subtrees",
        lambda: reads.leaves(LARGE_MERCHANT, version, middle, LEAVES_PER_READ),
        3500,
        60,
    )
    yield Operation(
        "closings: 10,000 leaves of a day without subtrees",
        lambda: reads.further_leaves(LARGE_MERCHANT, version, "", LEAVES_PER_READ),
        6 * page + 1000,
        600,
    )
    yield Operation(
        "closings: the newest number", lambda: reads.newest_sequence(LARGE_MERCHANT), 30, 10
    )
    yield Operation("closings: public keys", reads.public_keys, 20, 10)
    yield Operation("readiness", reads.check, 0, 10)
