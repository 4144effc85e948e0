"""What must be true at any time, while everything else goes on."""

import json
import random
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import pairwise

from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.entry_list import EntryFilters, ListedEntry, page
from chalicelib.queries.freshness import WaitPolicy
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.merchants import target_of
from verification.simulation.request_log import RequestLog
from verification.simulation.stores.ledger_table import TABLE
from verification.simulation.stores.tables import TOTALS
from verification.simulation.violations import DOUBLED, DRIFT, LIST, LOST, REPLAY, check
from verification.simulation.world import NoAnswerError, World


def read_balances(context: Context, chance: random.Random) -> None:
    """A merchant reads a run of days: each opens as the one before closed, none has too much."""
    world, merchant_id, today = context.world, chance.choice(MERCHANTS), context.world.clock.today
    first = today - timedelta(days=chance.randrange(40))
    with_response = [request for request in context.merchants.log.requests if request.responses]
    after = chance.choice(with_response) if with_response and chance.random() < 0.3 else None
    entry_id = after.responses[0].entry.entry_id if after else None
    merchant_id = after.merchant_id if after else merchant_id
    query = BalanceQuery(merchant_id, first, today, None, "BRL", entry_id)

    def reading() -> None:
        policy = WaitPolicy(0.1, world.clock.seconds, lambda _: world.schedule.pause())
        try:
            days, freshness = world.invoke(lambda: balances(world.reads, query, policy))
        except NoAnswerError:
            return
        for before, balance in pairwise(days):
            is_continuous = balance.opening_minor == before.closing_minor
            check(is_continuous, DRIFT, "{} does not open as {} closed", balance, before)
        count = sum(day.totals.entries for day in days)
        sent = _entries_sent(context, merchant_id)
        check(context.is_altered or count <= sent, DOUBLED, f"{count} entries, {sent} requests")
        if freshness.complete and entry_id is not None:
            is_present = entry_id in world.tables.entries
            check(is_present or context.is_altered, LOST, f"{entry_id} is reported as included")

    world.schedule.start(reading)


def read_list(context: Context, chance: random.Random) -> None:
    """A merchant reads its list by pages while entries arrive; earlier entries appear once."""
    world, merchant_id = context.world, chance.choice(MERCHANTS)
    limit = chance.choice((1, 3, 10))

    def reading() -> None:
        if context.is_altered:
            return
        rows = [row.entry for row in world.tables.entries.values()]
        known = {entry.entry_id for entry in rows if entry.merchant_id == merchant_id}
        seen = [item.entry.entry_id for item in listing(world, merchant_id, limit)]
        check(len(seen) == len(set(seen)), LIST, f"{merchant_id} reads an entry twice")
        check(context.is_altered or known <= set(seen), LIST, f"{merchant_id} misses entries")

    world.schedule.start(reading)


def listing(world: World, merchant_id: str, limit: int) -> list[ListedEntry]:
    """Return a merchant's whole list, page by page; a page that fails is read again."""
    items: list[ListedEntry] = []
    cursor: str | None = None
    while True:
        read = partial(page, world.reads, merchant_id, EntryFilters(), limit, cursor)
        with suppress(NoAnswerError):
            result = world.invoke(read)
            items += result.items
            cursor = result.next_cursor
            if cursor is None:
                return items


def check_totals(world: World) -> None:
    """Check that the read model's totals are the sums of its rows."""
    computed = world.tables.computed_totals(list(MERCHANTS))
    for table in TOTALS:
        totals = getattr(world.tables, table)
        check(totals == computed[table], DRIFT, "{} {} are not {}", table, totals, computed[table])


def check_erased_texts(world: World, log: RequestLog) -> None:
    """Check that Redis lacks the texts of erased entries.

    This holds for an erasure during and since which Redis lost nothing: it then has the erased
    entry, which later additions do not replace.
    """
    texts = world.cache.texts()
    for request in log.requests:
        if request.erased_at == world.cache.disturbances:
            entry_id = target_of(request)
            item = json.loads(texts.get(f"replay:{TABLE}:{entry_id}", '{"item": {}}'))["item"]
            left = {"description", "metadata", "text_salt"} & item.keys()
            check(not left, REPLAY, f"Redis has the erased texts of {entry_id}: {sorted(left)}")


def _entries_sent(context: Context, merchant_id: str) -> int:
    requests = context.merchants.log.requests
    own = [request for request in requests if request.merchant_id == merchant_id]
    return len([request for request in own if request.sent and not request.erases])
