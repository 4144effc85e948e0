"""Several runs of one merchant at the same time: each closes its own day."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from chalicelib.closing.close_day import close_day
from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import Ports
from chalicelib.closing.ranges import SingleMerchant
from chalicelib.closing.read_model import ClosingStore
from chalicelib.storage.postgres import Connections
from tests.fixtures.night import MIDNIGHT, YESTERDAY, NightWorld, instead, port
from tests.fixtures.threads import together

DAYS = [YESTERDAY - timedelta(days=back) for back in range(12)]


@pytest.mark.parametrize("requested", [7, 12])
def test_days_requested_at_once_are_all_closed(night_world: NightWorld, requested: int) -> None:
    """Every run closes the days before its own too, so all runs want to close the same days."""
    days = DAYS[:requested]
    for day in days:
        night_world.sell(f"{day}", day)
    failed: list[int] = []
    together(*(partial(close, night_world, day, failed) for day in days))
    assert failed == [0] * requested
    check_chain(night_world, days)


def test_concurrent_runs_close_all_days(night_world: NightWorld) -> None:
    for day in DAYS:
        night_world.sell(f"{day}", day)
    together(*(partial(close_only, night_world, day) for day in DAYS))
    check_chain(night_world, DAYS)


def check_chain(world: NightWorld, days: list[date]) -> None:
    """Check that each day has one closing, and that the closings are numbered without a gap."""
    versions = [world.closings(day) for day in days]
    assert [len(version) for version in versions] == [1] * len(days)
    assert sorted(item["sequence"] for (item,) in versions) == list(range(1, len(days) + 1))
    assert world.night()["closed"] == 0


@contextmanager
def own_ports(world: NightWorld) -> Iterator[Ports]:
    """Yield ports with a new connection, and a key that takes as long as KMS does."""
    connections = Connections(lambda: world.database.connect("livro_closer"))
    ports = world.ports()

    def sign(digest: bytes) -> tuple[str, str]:
        time.sleep(0.02)  # so that the others get as far
        return ports.signer.sign(digest)

    store = ClosingStore(connections)
    try:
        yield replace(ports, read_model=store, signer=port(sign=sign), pause=time.sleep)
    finally:
        connections.close()


def close(world: NightWorld, day: date, failed: list[int]) -> None:
    """Run a consolidation of the merchant's day."""
    with own_ports(world) as ports:
        run, part = ConsolidationRun(f"{day}", day), SingleMerchant(world.merchant)
        progress = run_pass(ports, run, part, Progress(None, Counts()))
    assert progress.next_after is None
    failed.append(progress.counts.failed)


def close_only(world: NightWorld, day: date) -> None:
    """Close the day alone, as if the ledger had no earlier days yet."""
    with own_ports(world) as all_ports:
        ports = replace(all_ports, ledger=instead(world.ledger, days_between=lambda *_: []))
        assert close_day(ports, world.merchant, day, f"{day}").sealed is not None


def test_same_seal_twice_keeps_one_signature(night_world: NightWorld) -> None:
    """Two runs that seal at one moment have the same root; ECDSA signatures always differ."""
    night_world.sell("a")
    first = night_world.ports(clock=lambda: MIDNIGHT)

    def sign(digest: bytes) -> tuple[str, str]:
        assert close_day(first, night_world.merchant, YESTERDAY, "first").sealed is not None
        return first.signer.sign(digest)

    second = replace(first, signer=port(sign=sign))
    assert close_day(second, night_world.merchant, YESTERDAY, "second").sealed is None
    assert len(night_world.closings()) == 1
