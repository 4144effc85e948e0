"""What may happen in a story, one function each; those that take time run as processes.

A story is a list of these in an order that chance decides. Each takes the story's cast and its own
source of chance, and starts something that goes on while the next ones begin.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.principal import Principal
from chalicelib.projection.checkpoint import Checkpoint, decode, encode
from chalicelib.projection.project import project
from chalicelib.projection.rebuild import resume
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.expected_book import Request
from verification.simulation.new_requests import about, new_entry, said_at
from verification.simulation.stores.stream import SHARDS
from verification.simulation.world import NoAnswerError, World

Action = Callable[[Context, random.Random], None]


def post(cast: Context, chance: random.Random) -> None:
    """A merchant records an entry; its client may send it twice at once."""
    request = new_entry(cast, chance)
    for _ in range(1 if chance.random() < 0.9 else 2):
        _send(cast, request, chance)


def post_late(cast: Context, chance: random.Random) -> None:
    """A merchant records an entry of yesterday, and the stream brings it at once."""
    yesterday = cast.world.clock.now - timedelta(days=1)
    request = said_at(new_entry(cast, chance), yesterday)
    tries, most = chance.choice((1, 3)), chance.choice((5, 30))

    def posting() -> None:
        cast.merchants.send(request, tries)
        for shard in range(SHARDS):
            carry(cast, shard, most)

    cast.world.schedule.start(posting)


def post_batch(cast: Context, chance: random.Random) -> None:
    """A merchant records several entries at once, some of them again."""
    merchant_id = chance.choice(MERCHANTS)
    known = [entry for entry in cast.merchants.book.entries() if entry.merchant_id == merchant_id]
    again = chance.sample(known, min(len(known), chance.choice((0, 0, 1, 2))))
    new = [new_entry(cast, chance, merchant_id) for _ in range(chance.randint(1, 4))]
    requests = new + again + new[: chance.choice((0, 0, 1))]
    cast.world.schedule.start(lambda: cast.merchants.send_batch(requests, chance.choice((1, 2, 6))))


def replay(cast: Context, chance: random.Random) -> None:
    """A merchant sends an earlier request once more, however old it is."""
    if cast.merchants.book.requests:
        _send(cast, chance.choice(cast.merchants.book.requests), chance)


def reuse(cast: Context, chance: random.Random) -> None:
    """A merchant sends another body under a key that was used before."""
    earlier = [one for one in cast.merchants.book.requests if not one.is_target]
    if earlier:
        used = chance.choice(earlier)
        request = new_entry(cast, chance, used.merchant_id)
        request.key = used.key
        request.is_shared = used.is_shared = True
        _send(cast, request, chance)


def reverse_one(cast: Context, chance: random.Random) -> None:
    """A merchant reverses an entry, or a reversal; twice at once, by one request or by two."""
    target = _target(cast, chance)
    if target is not None:
        first = about(cast, target, erases=False)
        others = [[], [], [first], [about(cast, target, erases=False)]]
        for request in [first, *chance.choice(others)]:
            _send(cast, request, chance)


def erase_one(cast: Context, chance: random.Random) -> None:
    """A merchant erases an entry's texts."""
    target = _target(cast, chance)
    if target is not None:
        _send(cast, about(cast, target, erases=True), chance)


def look_up_one(cast: Context, chance: random.Random) -> None:
    """A merchant reads an entry that it was told of."""
    response = [one for one in cast.merchants.book.requests if one.answers]
    if response:
        request = chance.choice(response)
        cast.world.schedule.start(lambda: cast.merchants.get_entry(request))


def deliver(cast: Context, chance: random.Random) -> None:
    """The stream hands a batch to a projector, to two of them if the first was thought dead."""
    shard = chance.randrange(SHARDS)
    is_taken_for_dead = chance.random() < 0.1
    if shard not in cast.reading or is_taken_for_dead:
        carry(cast, shard, most=chance.choice((1, 2, 5, 30)))


def carry(cast: Context, shard: int, most: int) -> None:
    """Hand up to `most` records of a shard to a projector."""
    world = cast.world
    records, end = world.stream.batch(shard, most)
    if not records:
        return

    def projecting() -> None:
        with suppress(NoAnswerError):  # the stream brings them again
            world.invoke(lambda: project(records, world.projection()))
            world.stream.advance(shard, end)
        cast.reading.discard(shard)

    cast.reading.add(shard)
    world.schedule.start(projecting)


def close_day(cast: Context, chance: random.Random) -> None:
    """An accountant has a past day closed now, and asks again until it is answered."""
    day = cast.world.clock.today - timedelta(days=chance.choice((1, 1, 2, 5)))
    principal, tries = Principal(chance.choice(MERCHANTS), "alice"), chance.choice((1, 3))
    request = ClosingRequest(day, cast.key(principal.merchant_id), {"day": day.isoformat()})

    def start() -> None:
        start_closing(cast.world.commands(), principal, request)

    def closing() -> None:
        for _ in range(tries):
            with suppress(NoAnswerError):
                cast.world.invoke(start)
                break

    cast.world.schedule.start(closing)


def trigger_night(cast: Context, chance: random.Random) -> None:
    """The schedule starts yesterday's consolidation; sometimes twice, sometimes not at all."""
    yesterday = cast.world.clock.today - timedelta(days=1)
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        cast.world.schedule.start(lambda: _triggered(cast, yesterday))


def rebuild_some(cast: Context, chance: random.Random) -> None:
    """An operator rebuilds one merchant's read model, or all, beside whatever goes on."""
    merchant_id, tries = chance.choice((None, *MERCHANTS)), chance.choice((1, 3))
    cast.world.schedule.start(lambda: rebuilt(cast.world, merchant_id, tries))
    for _ in range(chance.choice((0, 2, 4))):
        post_late(cast, chance)


def rebuilt(world: World, merchant_id: str | None, tries: int = 1) -> bool:
    """Run a rebuild, each piece a process; return whether it came to its end.

    With several tries a piece that failed is run again, and one that did not may be so too.
    """
    chance = world.chance(f"rebuild {len(world.wire.calls)}")
    position = Checkpoint(merchant_id)
    while True:
        try:
            end = rebuild_piece(world, position, chance)
        except NoAnswerError:
            tries -= 1
            if tries == 0:
                return False
            continue
        if end.phase == "done":
            return True
        if tries > 1 and chance.random() < 0.1:  # its principal did not hear of it
            continue
        position = decode(encode(end), merchant_id)


def rebuild_piece(world: World, position: Checkpoint, chance: random.Random) -> Checkpoint:
    """Run a piece of a rebuild that ends after any of its steps."""

    def has_time() -> bool:
        return chance.random() < 0.6

    return world.invoke(lambda: resume(world.ledger(), world.repairer(), position, has_time))


def _triggered(cast: Context, day: date) -> None:
    with suppress(NoAnswerError):  # the next hour triggers it again
        cast.world.invoke(lambda: cast.nights.trigger(day))


def _target(cast: Context, chance: random.Random) -> Request | None:
    known = cast.merchants.book.requests
    fit = [one for one in known if not one.erases and not one.is_shared]
    return chance.choice(fit) if fit else None


def _send(cast: Context, request: Request, chance: random.Random) -> None:
    tries = chance.choice((1, 2, 4, 8))
    cast.world.schedule.start(lambda: cast.merchants.send(request, tries))
