"""What must be true at any moment, in the middle of everything."""

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.entry_list import EntryFilters, EntryPage, page
from chalicelib.queries.freshness import WaitPolicy
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.stores.tables import TOTALS, KeptEntry
from verification.simulation.violations import DOUBLED, DRIFT, LIST, LOST, check
from verification.simulation.world import NoAnswerError, World


def read_balances(cast: Context, chance: random.Random) -> None:
    """A merchant reads a run of days: each opens as the one before closed, none has too much."""
    merchant_id, today = chance.choice(MERCHANTS), cast.world.clock.today
    first = today - timedelta(days=chance.randrange(40))
    response = [request for request in cast.merchants.book.requests if request.answers]
    after = chance.choice(response) if response and chance.random() < 0.3 else None
    entry_id = after.answers[0].entry.entry_id if after else None
    question = BalanceQuery(
        after.merchant_id if after else merchant_id, first, today, None, "BRL", entry_id
    )

    def reading() -> None:
        patience = WaitPolicy(0.1, cast.world.clock.seconds, lambda _: cast.world.schedule.pause())
        try:
            days, freshness = cast.world.invoke(
                lambda: balances(cast.world.reads, question, patience)
            )
        except NoAnswerError:
            return
        for before, balance in pairwise(days):
            follows = balance.opening_minor == before.closing_minor
            check(follows, DRIFT, "{} does not open as {} closed", balance, before)
        count = sum(day.totals.entries for day in days)
        most = _asked_so_far(cast, question.merchant_id)
        check(cast.is_damaged or count <= most, DOUBLED, f"{count} entries of {most} asked for")
        if freshness.complete and entry_id is not None:
            there = entry_id in cast.world.tables.entries
            check(there or cast.is_damaged, LOST, f"{entry_id} is told to be in")

    cast.world.schedule.start(reading)


def read_list(cast: Context, chance: random.Random) -> None:
    """A merchant reads its list page by page while entries arrive: what was there comes once."""
    world, merchant_id, limit = cast.world, chance.choice(MERCHANTS), chance.choice((1, 3, 10))

    def reading() -> None:
        if cast.is_damaged:
            return
        seen: list[str] = []
        cursor: str | None = None
        known = {one for one, row in world.tables.entries.items() if _is_of(row, merchant_id)}
        while True:
            try:
                result = world.invoke(_page(world, merchant_id, limit, cursor))
            except NoAnswerError:
                continue
            seen += [item.entry.entry_id for item in result.items]
            cursor = result.next_cursor
            if cursor is None:
                break
        check(len(seen) == len(set(seen)), LIST, f"{merchant_id} reads an entry twice")
        check(cast.is_damaged or known <= set(seen), LIST, f"{merchant_id} misses entries")

    world.schedule.start(reading)


def _page(
    world: World, merchant_id: str, limit: int, cursor: str | None
) -> Callable[[], EntryPage]:
    return lambda: page(world.reads, merchant_id, EntryFilters(), limit, cursor)


def check_totals(world: World) -> None:
    """Demand that the read model's totals are what its rows add up to."""
    counted = world.tables.counted(list(MERCHANTS))
    for table in TOTALS:
        kept = getattr(world.tables, table)
        right = counted[table]
        check(kept == right, DRIFT, "{} are {}, rows give {}", table, kept, right)


def _is_of(row: KeptEntry, merchant_id: str) -> bool:
    return row.entry.merchant_id == merchant_id


def _asked_so_far(cast: Context, merchant_id: str) -> int:
    mine = [
        request for request in cast.merchants.book.requests if request.merchant_id == merchant_id
    ]
    return len([one for one in mine if one.sent and not one.erases])
