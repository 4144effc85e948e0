"""A run that is killed, doubled or disturbed at any of its effects ends like an undisturbed one."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.closing.corruptions import corrupt, is_right
from tests.fixtures.interruption import Interruption, SimulatedKillError, every_effect, kill
from tests.fixtures.night import YESTERDAY, LedgerInMemory, NightWorld, sale

OLD_DAY = YESTERDAY - timedelta(days=40)
Versions = list[list[tuple[int, int]]]
"""Of each day, each version's number of entries and of repairs."""
UNDISTURBED: Versions = [[(2, 0), (3, 0)], [(2, 2)]]


def prepared(world: NightWorld, case: int) -> NightWorld:
    """Return a world with one day to close and repair, and an older one to restate."""
    world = replace(world, merchant=f"{world.merchant}-{case}", ledger=LedgerInMemory())
    for day in (OLD_DAY, YESTERDAY):
        bank = sale(world.merchant, f"{day}b", day, account="bank")
        world.record(sale(world.merchant, f"{day}a", day, 70), bank)
    world.close(OLD_DAY)
    world.read_model.mark_reconciled([world.merchant], YESTERDAY - timedelta(1))  # the last night
    world.sell("late", OLD_DAY)
    for corruption in ("row deleted", "day total"):
        corrupt(world, corruption)
    return world


def checked_versions(world: NightWorld) -> Versions:
    """Return the versions, after checking everything that must hold in every case."""
    days = [world.closings(day) for day in (OLD_DAY, YESTERDAY)]
    check_chain(world, [item for closings in days for item in closings])
    assert is_right(world)
    assert world.marked() == set()
    assert world.read_model.pending([world.merchant]) == []
    return [[(item["entries"], item["repairs"]) for item in closings] for closings in days]


def check_chain(world: NightWorld, closings: list[dict[str, Any]]) -> None:
    """Check that closings form a chain, and are archived and announced."""
    by_number = {item["sequence"]: item for item in closings}
    assert sorted(by_number) == list(range(1, len(closings) + 1))
    for number in range(2, len(closings) + 1):
        assert by_number[number]["previous_root"] == by_number[number - 1]["root"]
    names = {f"closings/{world.merchant}/{number:010d}.json" for number in by_number}
    names |= {f"leaves/{world.merchant}/{item['entries_root']}.json" for item in closings}
    assert names == {name for name in world.bucket if f"/{world.merchant}/" in name}
    events = [event for event in world.events if event["merchant"] == world.merchant]
    assert {event["sequence"] for event in events} == set(by_number)


def at_every_effect(
    world: NightWorld, disturbance: Callable[[NightWorld], Callable[[], object]]
) -> list[Versions]:
    """Return the versions after runs that are disturbed at each effect and then repeated."""
    undisturbed = prepared(world, 0)
    places = every_effect(undisturbed)
    assert checked_versions(undisturbed) == UNDISTURBED
    assert len(places) > 40
    results = []
    for case, (number, after) in enumerate(places, start=1):
        disturbed = prepared(world, case)
        interruption = Interruption(number, after, disturbance(disturbed))
        with suppress(SimulatedKillError):
            disturbed.night(ports=interruption.within(disturbed.ports()))
        disturbed.night()
        results.append(checked_versions(disturbed))
    return results


def test_killed_run_is_finished_by_the_next(night_world: NightWorld) -> None:
    results = at_every_effect(night_world, lambda _: kill)
    assert all(versions == UNDISTURBED for versions in results)


def test_concurrent_run_changes_nothing(night_world: NightWorld) -> None:
    results = at_every_effect(night_world, lambda world: world.night)
    assert all(versions == UNDISTURBED for versions in results)


def test_entry_during_run_joins_this_version_or_next(night_world: NightWorld) -> None:
    results = at_every_effect(night_world, lambda world: lambda: world.sell("meanwhile"))
    for old_day, yesterday in results:
        assert old_day == [(2, 0), (3, 0)]
        assert yesterday in ([(3, 2)], [(2, 2), (3, 0)])
