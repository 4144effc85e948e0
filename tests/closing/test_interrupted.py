"""A night that is killed, doubled or disturbed at any of its effects ends as an undisturbed one."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.closing.corruptions import CORRUPTIONS, is_right
from tests.fixtures.interruptions import Interruption, SimulatedKillError, every_effect, kill
from tests.fixtures.night import YESTERDAY, NightWorld, sale

OLD_DAY = YESTERDAY - timedelta(days=40)
Disturb = Callable[[NightWorld], Callable[[], object]]


def prepared(world: NightWorld, case: int) -> NightWorld:
    """Return a world with one day to close and repair, and an older one to restate."""
    mine = replace(world, merchant=f"{world.merchant}-{case}", ledger=type(world.ledger)())
    for day in (OLD_DAY, YESTERDAY):
        bank = sale(mine.merchant, f"{day}b", day, account="bank")
        mine.record(sale(mine.merchant, f"{day}a", day, 70), bank)
    mine.close(OLD_DAY)
    mine.record(sale(mine.merchant, "late", OLD_DAY))
    for how in ("row deleted", "day total"):
        mine.corrupt(CORRUPTIONS[how], merchant=mine.merchant, day=YESTERDAY)
    return mine


@dataclass
class Ended:
    """How a merchant's days ended: each version's entries and repairs, whatever happened."""

    versions: list[list[tuple[int, int]]]

    @classmethod
    def of(cls, world: NightWorld) -> "Ended":
        """Return it once all is checked that must hold in every case."""
        days = [world.closings(day) for day in (OLD_DAY, YESTERDAY)]
        check_chain(world, [item for closings in days for item in closings])
        assert is_right(world)
        assert world.marked() == set()
        assert world.books.undelivered([world.merchant]) == []
        return cls([[(item["entries"], item["repairs"]) for item in items] for items in days])


def check_chain(world: NightWorld, closings: list[dict[str, Any]]) -> None:
    """Check that closings follow one another, lie in the bucket and were told of."""
    numbers = {item["sequence"]: item for item in closings}
    assert sorted(numbers) == list(range(1, len(closings) + 1))
    for number in range(2, len(closings) + 1):
        assert numbers[number]["previous_root"] == numbers[number - 1]["root"]
    kept = {f"{kind}/{world.merchant}/{n:010d}.json" for kind in KINDS for n in numbers}
    assert kept == {name for name in world.bucket if f"/{world.merchant}/" in name}
    result = {event["sequence"] for event in world.events if event["merchant"] == world.merchant}
    assert result == set(numbers)


KINDS = ("closings", "leaves")


def at_every_effect(world: NightWorld, disturb: Disturb) -> list[Ended]:
    """Return how nights end, one disturbed at each effect and then run again."""
    undisturbed = prepared(world, 0)
    counting = Interruption(0, False, kill)
    undisturbed.night(ports=counting.within(undisturbed.ports()))
    ends = [Ended.of(undisturbed)]
    for case, (number, after) in enumerate(every_effect(counting.effects), start=1):
        mine = prepared(world, case)
        interruption = Interruption(number, after, disturb(mine))
        with suppress(SimulatedKillError):
            mine.night(ports=interruption.within(mine.ports()))
        mine.night()
        ends.append(Ended.of(mine))
    assert counting.effects > 20
    return ends


CLOSED_ONCE = [[(2, 0), (3, 0)], [(2, 2)]]


def test_a_night_killed_at_any_effect_is_finished_by_the_next(night_world: NightWorld) -> None:
    ends = at_every_effect(night_world, lambda _: kill)
    assert all(end.versions == CLOSED_ONCE for end in ends)


def test_a_night_started_twice_is_one(night_world: NightWorld) -> None:
    ends = at_every_effect(night_world, lambda mine: mine.night)
    assert all(end.versions == CLOSED_ONCE for end in ends)


def test_entries_that_come_in_meanwhile_are_in_this_version_or_in_the_next(
    night_world: NightWorld,
) -> None:
    def late(mine: NightWorld) -> Callable[[], object]:
        return lambda: mine.record(sale(mine.merchant, "meanwhile"))

    for end in at_every_effect(night_world, late)[1:]:
        old_day, (first, *second) = end.versions
        assert old_day == CLOSED_ONCE[0]
        assert (first, second) in (((3, 2), []), ((2, 2), [(3, 0)]))
