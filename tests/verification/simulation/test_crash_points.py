"""A crash before and after every call to a port, done again at once, later or never: all."""

import pytest

from verification.simulation.crash_points import CrashPoint, Retry, points, ports, tell
from verification.simulation.fault_proxy import Fate
from verification.simulation.mutants import mutations, planted
from verification.simulation.scenario import Scenario
from verification.simulation.violations import InvariantError
from verification.simulation.world import World

SHOWING = (
    "idempotency key written apart from the entry",
    "Redis told before the ledger",
    "Redis told before PostgreSQL",
    "rows and totals committed apart",
    "no outbox of closings",
)
READS_ALONE = {"queries.balances", "queries.cash_flow", "queries.entries"}


@pytest.mark.parametrize("retry", list(Retry), ids=lambda retry: retry.value)
def test_no_crash_at_any_call_shows(retry: Retry) -> None:
    result = [tell(point, retry) for point in points(retry)]
    assert len(result) > 300
    assert all(result)


def test_the_story_calls_every_port_that_other_stories_call() -> None:
    called: set[str] = set()
    for seed in range(40):
        world = World(seed)
        story = Scenario(world, lambda line: None)
        with world.listening():
            story.live()
        called |= set(world.wire.calls)
    assert called - READS_ALONE <= set(ports(Retry.AT_ONCE))


@pytest.mark.parametrize("mistake", SHOWING)
def test_a_planted_mistake_shows_at_some_crash(mistake: str) -> None:
    assert any(_shows(mistake, point) for point in points(Retry.AT_ONCE))


def test_a_crash_ends_its_process_there() -> None:
    assert tell(CrashPoint(0, Fate.CRASHED_BEFORE), Retry.NEVER)
    assert not tell(CrashPoint(10_000, Fate.CRASHED_BEFORE), Retry.NEVER)


def _shows(mistake: str, point: CrashPoint) -> bool:
    try:
        with planted(mutations()[mistake]) as twist:
            tell(point, Retry.AT_ONCE, twist)
    except InvariantError:
        return True
    return False
