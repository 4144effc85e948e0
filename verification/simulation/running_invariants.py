"""What must be true at any time, while everything else goes on."""

import json
import random
from datetime import timedelta
from itertools import pairwise

from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.freshness import WaitPolicy
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.merchants import target_of
from verification.simulation.request_log import RequestLog
from verification.simulation.violations import DOUBLED, DRIFT, LOST, REPLAY, check
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


def check_erased_texts(world: World, log: RequestLog) -> None:
    """Check that Redis lacks the texts of erased entries.

    This holds for an erasure during and since which Redis lost nothing: it then has the erased
    entry, which later additions do not replace.
    """
    texts = world.cache.texts()
    for request in log.requests:
        if request.erased_at == world.cache.disturbances:
            entry_id = target_of(request)
            item = json.loads(texts.get(f"replay:{entry_id}", '{"item": {}}'))["item"]
            left = {"description", "metadata", "text_salt"} & item.keys()
            check(not left, REPLAY, f"Redis has the erased texts of {entry_id}: {sorted(left)}")


def _entries_sent(context: Context, merchant_id: str) -> int:
    requests = context.merchants.log.requests
    own = [request for request in requests if request.merchant_id == merchant_id]
    return len([request for request in own if not request.erases])
