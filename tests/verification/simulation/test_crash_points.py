"""A crash before and after every call to a port, with a retry at once, later or never."""

import pytest

from verification.simulation.crash_points import CrashPoint, Retry, crash, points, ports
from verification.simulation.fault_proxy import Fate
from verification.simulation.mutants import mutations, planted
from verification.simulation.scenario import Scenario
from verification.simulation.violations import InvariantError
from verification.simulation.world import World

SHOWING = (
    "idempotency key written apart from the entry",
    "Redis written before the ledger",
    "Redis written before PostgreSQL",
    "rows and totals committed apart",
    "no outbox of closings",
)
READS_ALONE = {"queries.balances", "queries.cash_flow", "queries.entries"}


@pytest.mark.parametrize("retry", list(Retry), ids=lambda retry: retry.value)
def test_no_crash_at_any_call_shows(retry: Retry) -> None:
    result = [crash(point, retry) for point in points(retry)]
    assert len(result) > 300
    assert all(result)


def test_the_scenario_calls_every_port() -> None:
    called: set[str] = set()
    for seed in range(40):
        world = World(seed)
        scenario = Scenario(world, lambda line: None)
        with world.listening():
            scenario.run()
        called |= set(world.proxy.calls)
    assert called - READS_ALONE <= set(ports(Retry.AT_ONCE))


@pytest.mark.parametrize("mistake", SHOWING)
def test_a_mutant_shows_at_some_crash(mistake: str) -> None:
    assert any(_shows(mistake, point) for point in points(Retry.AT_ONCE))


def test_a_crash_happens_at_its_call() -> None:
    assert crash(CrashPoint(0, Fate.CRASHED_BEFORE), Retry.NEVER)
    assert not crash(CrashPoint(10_000, Fate.CRASHED_BEFORE), Retry.NEVER)


def _shows(mistake: str, point: CrashPoint) -> bool:
    try:
        with planted(mutations()[mistake]) as twist:
            crash(point, Retry.AT_ONCE, twist)
    except InvariantError:
        return True
    return False
