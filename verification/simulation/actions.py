"""The actions of a scenario, one function each; those that take time run as processes.

Each takes the scenario's context and its random source, and starts something that goes on while
the next actions begin.
"""

import random
from contextlib import suppress
from datetime import timedelta
from functools import partial

from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.principal import Principal
from chalicelib.projection.checkpoint import Checkpoint, decode, encode
from chalicelib.projection.project import project
from chalicelib.projection.rebuild import resume
from chalicelib.projection.row_sums import RowSums
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.new_requests import about, new_entry, occurring_at
from verification.simulation.request_log import Request
from verification.simulation.stores.stream import SHARDS
from verification.simulation.world import NoAnswerError, World


def record_entry(context: Context, chance: random.Random) -> None:
    """A merchant records an entry; its client may send it twice at once."""
    request = new_entry(context, chance)
    for _ in range(1 if chance.random() < 0.9 else 2):
        _start_sending(context, request, chance)


def record_late_entry(context: Context, chance: random.Random) -> None:
    """A merchant records an entry of yesterday, and the stream delivers it at once."""
    yesterday = context.world.clock.now - timedelta(days=1)
    request = occurring_at(new_entry(context, chance), yesterday)
    tries, batch_size = chance.choice((1, 3)), chance.choice((5, 30))

    def recording() -> None:
        context.merchants.send(request, tries)
        for shard in range(SHARDS):
            project_batch(context, shard, batch_size)

    context.world.schedule.start(recording)


def record_batch(context: Context, chance: random.Random) -> None:
    """A merchant records several entries in one request, some of them repeated."""
    merchant_id = chance.choice(MERCHANTS)
    earlier = [
        request for request in context.merchants.log.entries() if request.merchant_id == merchant_id
    ]
    repeated = chance.sample(earlier, min(len(earlier), chance.choice((0, 0, 1, 2))))
    new = [new_entry(context, chance, merchant_id) for _ in range(chance.randint(1, 4))]
    batch = new + repeated + new[: chance.choice((0, 0, 1))]
    context.world.schedule.start(
        lambda: context.merchants.send_batch(batch, chance.choice((1, 2, 6)))
    )


def replay_request(context: Context, chance: random.Random) -> None:
    """A merchant repeats an earlier request, however old it is."""
    if context.merchants.log.requests:
        _start_sending(context, chance.choice(context.merchants.log.requests), chance)


def reuse_key(context: Context, chance: random.Random) -> None:
    """A merchant sends another body under a used key."""
    earlier = [request for request in context.merchants.log.requests if not request.is_target]
    if earlier:
        used = chance.choice(earlier)
        request = new_entry(context, chance, used.merchant_id)
        request.key = used.key
        request.is_shared = used.is_shared = True
        _start_sending(context, request, chance)


def reverse_entry(context: Context, chance: random.Random) -> None:
    """A merchant reverses an entry or a reversal, perhaps twice, by one request or by two."""
    target = _random_target(context, chance)
    if target is not None:
        first = about(context, target, erases=False)
        others = [[], [], [first], [about(context, target, erases=False)]]
        for request in [first, *chance.choice(others)]:
            _start_sending(context, request, chance)


def erase_texts(context: Context, chance: random.Random) -> None:
    """A merchant erases the texts of an entry."""
    target = _random_target(context, chance)
    if target is not None:
        _start_sending(context, about(context, target, erases=True), chance)


def correct_category(context: Context, chance: random.Random) -> None:
    """One or two users correct the category of an entry, or of a reversal, at once."""
    recorded = [request for request in context.merchants.log.requests if request.responses]
    if recorded:
        request = chance.choice(recorded)
        for _ in range(chance.choice((1, 1, 2))):
            category = chance.choice((None, f"c-{context.number()}", "sales"))
            tries = chance.choice((1, 3))
            context.world.schedule.start(
                partial(context.merchants.correct_category, request, category, tries)
            )


def get_entry(context: Context, chance: random.Random) -> None:
    """A merchant reads an entry that it recorded."""
    recorded = [request for request in context.merchants.log.requests if request.responses]
    if recorded:
        request = chance.choice(recorded)
        context.world.schedule.start(lambda: context.merchants.get_entry(request))


def deliver_stream(context: Context, chance: random.Random) -> None:
    """The stream hands a batch to a projector, or to a second one if the first seems dead."""
    shard = chance.randrange(SHARDS)
    seems_dead = chance.random() < 0.1
    if shard not in context.reading or seems_dead:
        project_batch(context, shard, chance.choice((1, 2, 5, 30)))


def project_batch(context: Context, shard: int, batch_size: int) -> None:
    """Start a projector with up to `batch_size` records of a shard."""
    world = context.world
    records, end = world.stream.batch(shard, batch_size)
    if not records:
        return

    def projecting() -> None:
        with suppress(NoAnswerError):  # the stream delivers them again
            world.invoke(lambda: project(records, world.projection()))
            world.stream.advance(shard, end)
        context.reading.discard(shard)

    context.reading.add(shard)
    world.schedule.start(projecting)


def close_day(context: Context, chance: random.Random) -> None:
    """One or two accountants request the closing of a past day, until there is a response."""
    day = context.world.clock.today - timedelta(days=chance.choice((1, 1, 2, 5)))
    principal, tries = Principal(chance.choice(MERCHANTS), "alice"), chance.choice((1, 3))

    def closing(request: ClosingRequest) -> None:
        for _ in range(tries):
            with suppress(NoAnswerError):
                context.world.invoke(
                    lambda: start_closing(context.world.commands(), principal, request)
                )
                break

    for _ in range(chance.choice((1, 1, 2))):
        request = ClosingRequest(day, context.key(principal.merchant_id), {"day": day.isoformat()})
        context.world.schedule.start(partial(closing, request))


def start_nightly_run(context: Context, chance: random.Random) -> None:
    """The schedule starts yesterday's consolidation; sometimes twice, sometimes not at all."""
    yesterday = context.world.clock.yesterday
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        context.trigger(yesterday)


def rebuild_read_model(context: Context, chance: random.Random) -> None:
    """An operator rebuilds the read model of one merchant, or of all, while everything goes on."""
    merchant_id, tries = chance.choice((None, *MERCHANTS)), chance.choice((1, 3))
    context.world.schedule.start(lambda: run_rebuild(context.world, merchant_id, tries))
    for _ in range(chance.choice((0, 2, 4))):
        record_late_entry(context, chance)


def run_rebuild(world: World, merchant_id: str | None, tries: int = 1) -> bool:
    """Run a rebuild, each step in a process; return whether it reached its end.

    With several tries a failed step is repeated, and a successful one may be, too.
    """
    chance = world.chance(f"rebuild {len(world.proxy.calls)}")
    # Whether clocks agree, and what was recorded lately, changes only how much is looked up.
    before = world.clock.now - timedelta(minutes=chance.choice((-60, 60, 600)))
    sums = RowSums(str(chance.random()), before.isoformat())
    checkpoint = Checkpoint(merchant_id, sums=sums)

    def has_time() -> bool:
        return chance.random() < 0.6

    while True:
        try:
            end = world.invoke(
                partial(resume, world.ledger(), world.repairer(), checkpoint, has_time)
            )
        except NoAnswerError:
            tries -= 1
            if tries == 0:
                return False
            continue
        if end.phase == "done":
            return True
        if tries > 1 and chance.random() < 0.1:  # the caller lost the response
            continue
        checkpoint = decode(encode(end), merchant_id)


def _random_target(context: Context, chance: random.Random) -> Request | None:
    requests = context.merchants.log.requests
    targets = [request for request in requests if not (request.erases or request.is_shared)]
    return chance.choice(targets) if targets else None


def _start_sending(context: Context, request: Request, chance: random.Random) -> None:
    tries = chance.choice((1, 2, 4, 8))
    context.world.schedule.start(lambda: context.merchants.send(request, tries))
