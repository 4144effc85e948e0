"""Several runs of one merchant at the same time: each closes its own day."""

import time
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from chalicelib.closing.close_day import close_day
from chalicelib.closing.read_model import ClosingStore
from chalicelib.storage.postgres import Connections
from tests.fixtures.night import MIDNIGHT, YESTERDAY, NightWorld, port
from tests.fixtures.threads import together

DAYS = [YESTERDAY - timedelta(days=back) for back in range(12)]


def test_concurrent_runs_close_all_days(night_world: NightWorld) -> None:
    for day in DAYS:
        night_world.sell(f"{day}", day)
    together(*(partial(close, night_world, day) for day in DAYS))
    versions = [night_world.closings(day) for day in DAYS]
    assert [len(version) for version in versions] == [1] * len(DAYS)
    assert sorted(item["sequence"] for (item,) in versions) == list(range(1, len(DAYS) + 1))
    assert night_world.night()["closed"] == 0


def close(world: NightWorld, day: date) -> None:
    connections = Connections(lambda: world.database.connect("livro_closer"))
    ports = world.ports()

    def sign(digest: bytes) -> tuple[str, str]:
        time.sleep(0.02)  # as long as a call to KMS takes, so that the others get as far
        return ports.signer.sign(digest)

    ports = replace(ports, read_model=ClosingStore(connections), pause=time.sleep)
    try:
        closed = close_day(replace(ports, signer=port(sign=sign)), world.merchant, day, f"{day}")
        assert closed.sealed is not None
    finally:
        connections.close()


def test_same_seal_twice_keeps_one_signature(night_world: NightWorld) -> None:
    """Two runs that seal at one moment have the same root; ECDSA signatures always differ."""
    night_world.sell("a")
    first = replace(night_world.ports(), clock=lambda: MIDNIGHT)

    def sign(digest: bytes) -> tuple[str, str]:
        assert close_day(first, night_world.merchant, YESTERDAY, "first").sealed is not None
        return first.signer.sign(digest)

    second = replace(first, signer=port(sign=sign))
    assert close_day(second, night_world.merchant, YESTERDAY, "second").sealed is None
    assert len(night_world.closings()) == 1
