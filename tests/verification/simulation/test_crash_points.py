"""A crash before each process and after each place that calls a port, retried at once or not."""

import os
from collections import Counter

import pytest

from verification.simulation.crash_points import CrashPoint, Retry, points, run, without_crash
from verification.simulation.faults import PORTS, Fate
from verification.simulation.mutants import mutations, planted
from verification.simulation.mutants.closing import RARE_MUTATIONS
from verification.simulation.violations import InvariantError
from verification.simulation.world import World

DETECTED = [
    ("idempotency key written apart from the entry", Retry.AT_ONCE, "redis.pipeline"),
    ("Redis written before the ledger", Retry.AT_ONCE, "dynamodb.put"),
    ("Redis written before PostgreSQL", Retry.AT_ONCE, "read_model.insert"),
    ("rows and totals committed apart", Retry.AT_ONCE, "read_model.insert"),
    ("no outbox of closings", Retry.AT_ONCE, "eventbridge.put"),
    ("lost closings not restored", Retry.NEVER, "redis.mget"),
    ("leaves named by number", Retry.LATER, "s3.put"),
]

# No crash point is there: they are called before or after a run or a rebuild, or for altered sums.
UNCALLED = {
    "closings.recompute_sealed",
    "closings.sweep_overdue",
    "read_model.begin_rebuild",
    "read_model.end_rebuild",
}

# Every place crashes with a retry at once. With a retry that comes later or never, it is every
# second place in CI, and every fourth one on a laptop.
STEP, LEAST_POINTS = (2, 180) if "CI" in os.environ else (4, 95)
CHOSEN = {Retry.AT_ONCE: (0, 1), Retry.LATER: (0, STEP), Retry.NEVER: (1, STEP)}


def chosen(retry: Retry) -> list[CrashPoint]:
    """Return the points of the chosen places, and all that can leave leaves without a closing."""
    first, step = CHOSEN[retry]
    ports = without_crash(retry).ports
    return [
        point
        for number, point in enumerate(points(retry))
        if number % step == first or ports[point.call] == "s3.put"
    ]


@pytest.mark.parametrize("retry", list(Retry), ids=lambda retry: retry.value)
def test_no_crash_at_any_place_shows(retry: Retry) -> None:
    scenarios = (run(point, retry) for point in chosen(retry))
    results = [(scenario.crashed, orphaned_leaves(scenario.world)) for scenario in scenarios]
    assert len(results) > LEAST_POINTS
    assert all(crashed for crashed, _ in results)
    assert any(orphaned for _, orphaned in results) == (retry is not Retry.AT_ONCE)


def orphaned_leaves(world: World) -> int:
    """Return the number of leaves in the bucket whose closings were lost."""
    folders = Counter(name.partition("/")[0] for name in world.bucket.objects)
    return folders["leaves"] - folders["closings"]


def test_the_scenario_calls_every_port() -> None:
    called = {port for retry in Retry for port in without_crash(retry).ports}
    assert called == PORTS - UNCALLED


@pytest.mark.parametrize(("name", "retry", "port"), DETECTED)
def test_a_mutant_shows_at_some_crash(name: str, retry: Retry, port: str) -> None:
    mutation, ports = {**mutations(), **RARE_MUTATIONS}[name], without_crash(retry).ports
    with pytest.raises(InvariantError):
        for point in points(retry):
            if ports[point.call] == port:
                with planted(mutation) as twist:
                    run(point, retry, twist)


def test_a_crash_happens_at_its_call() -> None:
    assert run(CrashPoint(0, Fate.CRASHED_BEFORE), Retry.NEVER).crashed
    assert not run(CrashPoint(10_000, Fate.CRASHED_BEFORE), Retry.NEVER).crashed
