"""Nights of one merchant side by side: however many there are, each closes its own day."""

import time
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from chalicelib.closing.close_day import close_day
from chalicelib.closing.read_model import ClosingStore
from chalicelib.storage.postgres import Connections
from tests.fixtures.night import MIDNIGHT, YESTERDAY, NightWorld, sale
from tests.fixtures.threads import together

DAYS = [YESTERDAY - timedelta(days=back) for back in range(12)]


def test_as_many_days_as_are_asked_for_at_once_are_closed(night_world: NightWorld) -> None:
    night_world.record(*(sale(night_world.merchant, f"{day}", day) for day in DAYS))
    together(*(partial(close, night_world, day) for day in DAYS))
    versions = [night_world.closings(day) for day in DAYS]
    assert [len(version) for version in versions] == [1] * len(DAYS)
    assert sorted(one["sequence"] for (one,) in versions) == list(range(1, len(DAYS) + 1))
    assert night_world.night()["closed"] == 0


def close(world: NightWorld, day: date) -> None:
    connections = Connections(lambda: world.database.connect("livro_closer"))
    ports = world.ports()

    def sign(digest: bytes) -> tuple[str, str]:
        time.sleep(0.02)  # a call away, in which the others come as far
        return ports.sign(digest)

    ports_of_its_own = replace(ports, books=ClosingStore(connections), sign=sign)
    try:
        assert close_day(ports_of_its_own, world.merchant, day, f"{day}").sealed is not None
    finally:
        connections.close()


def test_of_two_that_seal_the_same_at_the_same_moment_one_signature_is_kept(
    night_world: NightWorld,
) -> None:
    """Roots are the same then; signatures never are, for ECDSA draws a number for each."""
    night_world.record(sale(night_world.merchant, "a"))
    first = replace(night_world.ports(), clock=lambda: MIDNIGHT)

    def sign(digest: bytes) -> tuple[str, str]:
        assert close_day(first, night_world.merchant, YESTERDAY, "first").sealed is not None
        return first.sign(digest)

    second = close_day(replace(first, sign=sign), night_world.merchant, YESTERDAY, "second")
    assert second.sealed is None
    assert len(night_world.closings()) == 1
