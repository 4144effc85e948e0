"""A read model that was restored or made anew takes its closings back from the bucket."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.ledger.encoding import canonical_json
from tests.closing.corruptions import is_right
from tests.fixtures.interruptions import Interruption, SimulatedKillError, every_effect, kill
from tests.fixtures.night import YESTERDAY, NightWorld, sale
from tests.verify.book import reseal

OLD_DAY = YESTERDAY - timedelta(days=3)
DAYS = (OLD_DAY, YESTERDAY)
Item = dict[str, Any]


def closed(world: NightWorld) -> NightWorld:
    """Close two days, one of them twice: three closings of the merchant."""
    for day in DAYS:
        bank = sale(world.merchant, f"{day}b", day, account="bank")
        world.record(sale(world.merchant, f"{day}a", day, 70), bank)
    world.night()
    world.record(sale(world.merchant, "late", OLD_DAY, 5))
    world.night()
    return world


def lose(world: NightWorld, beyond: int = 0) -> None:
    """Forget all closings beyond a number, as a backup from before them would; mark their days."""
    days = "SELECT day FROM closings WHERE merchant_id = :merchant AND sequence > :beyond"
    held = f"day IN ({days}) AND version >= (SELECT min(version) FROM closings AS lost"
    held += " WHERE merchant_id = :merchant AND sequence > :beyond AND lost.day = held.day)"
    for statement in (
        "INSERT INTO unsealed_days SELECT DISTINCT :merchant, day, nextval('unsealed_marks')"
        f" FROM ({days}) AS lost ON CONFLICT DO NOTHING",
        f"DELETE FROM sealed_entries AS held WHERE merchant_id = :merchant AND {held}",
        "DELETE FROM closing_outbox WHERE merchant_id = :merchant AND sequence > :beyond",
        "DELETE FROM closing_effects WHERE merchant_id = :merchant AND sequence > :beyond",
        "DELETE FROM closings WHERE merchant_id = :merchant AND sequence > :beyond",
    ):
        world.corrupt(statement, merchant=world.merchant, beyond=beyond)


def all_closings(world: NightWorld) -> list[list[Item]]:
    return [world.closings(day) for day in DAYS]


def sealed(world: NightWorld) -> list[list[Any]]:
    """Return all that is kept beside the closings of the merchant."""
    return [
        world.database.run(
            f"SELECT * FROM {table} WHERE merchant_id = :merchant ORDER BY 1, 2, 3, 4",
            merchant=world.merchant,
        )
        for table in ("sealed_entries", "closing_effects")
    ]


@pytest.mark.parametrize("beyond", [0, 1, 2])
def test_lost_closings_come_back_as_they_were(night_world: NightWorld, beyond: int) -> None:
    world = closed(night_world)
    before, kept = (all_closings(world), sealed(world)), dict(world.bucket)
    lose(world, beyond)
    assert all_closings(world) != before[0]
    world.night()
    assert (all_closings(world), sealed(world)) == before
    assert world.bucket == kept
    assert world.marked() == set()
    assert is_right(world)


def test_what_came_in_since_is_closed_upon_them(night_world: NightWorld) -> None:
    world = closed(night_world)
    before = all_closings(world)
    lose(world)
    world.record(sale(world.merchant, "later", OLD_DAY, 7))
    assert world.night()["failed"] == 0
    old_day, yesterday = all_closings(world)
    assert [old_day[:2], yesterday] == before
    (newest,) = old_day[2:]
    assert (newest["version"], newest["sequence"]) == (3, 4)
    assert newest["previous_root"] in {item["root"] for items in before for item in items}


def test_they_are_told_of_once_more_and_counted_to_no_run(night_world: NightWorld) -> None:
    world = closed(night_world)
    lose(world)
    result = len(world.events)
    assert world.night()["closed"] == 0
    world.night()
    assert sorted(event["sequence"] for event in world.events[result:]) == [1, 2, 3]
    assert world.books.undelivered([world.merchant]) == []
    runs = world.database.run(
        "SELECT DISTINCT run FROM closings WHERE merchant_id = :merchant", merchant=world.merchant
    )
    assert runs == [["brought back"]]


def test_a_night_killed_while_it_brings_them_back_is_finished_by_the_next(
    night_world: NightWorld,
) -> None:
    world = closed(night_world)
    before = all_closings(world), sealed(world)
    lose(world)
    counting = Interruption(0, False, kill)
    world.night(ports=counting.within(world.ports()))
    for number, after in every_effect(counting.effects):
        lose(world)
        try:
            world.night(ports=Interruption(number, after, kill).within(world.ports()))
        except SimulatedKillError:
            world.night()
        assert (all_closings(world), sealed(world)) == before


def renamed(item: Item) -> Item:
    return reseal({**item, "merchant": "somebody-else"}, [])


def moved(item: Item) -> Item:
    return {**item, "day": str(date.fromisoformat(item["day"]) + timedelta(days=1))}


def dearer(item: Item) -> Item:
    (first, *rest) = item["balances"]
    return {**item, "balances": [{**first, "closing": "999.99"}, *rest]}


def signed_by_another(item: Item) -> Item:
    return {**item, "signature": reseal(item, [], number=7)["signature"]}


def of_another_chain(item: Item) -> Item:
    return {**item, "previous_root": "0" * 64}


def of_another_key(item: Item) -> Item:
    return {**item, "key_id": "another"}


@pytest.mark.parametrize(
    "forge", [renamed, moved, dearer, signed_by_another, of_another_chain, of_another_key]
)
def test_what_is_not_proven_is_not_taken(
    night_world: NightWorld, forge: Callable[[Item], Item]
) -> None:
    world = closed(night_world)
    lose(world)
    name = f"closings/{world.merchant}/0000000002.json"
    world.bucket[name] = canonical_json(forge(json.loads(world.bucket[name])))
    assert world.night()["failed"] == 1
    assert len([item for items in all_closings(world) for item in items]) == 1


def test_a_closing_whose_leaves_are_gone_or_altered_is_not_taken(night_world: NightWorld) -> None:
    world = closed(night_world)
    name = f"leaves/{world.merchant}/0000000001.json"
    leaves = world.bucket.pop(name)
    lose(world)
    assert world.night()["failed"] == 1
    world.bucket[name] = leaves.replace(b'"amount":"0.70"', b'"amount":"0.71"')
    assert world.bucket[name] != leaves
    assert world.night()["failed"] == 1
    assert all_closings(world) == [[], []]
    world.bucket[name] = leaves
    assert world.night()["failed"] == 0
    assert list(map(len, all_closings(world))) == [2, 1]


def test_leaves_of_a_closing_that_was_lost_before_it_was_kept_give_way(
    night_world: NightWorld,
) -> None:
    world = closed(night_world)
    lose(world, 2)
    del world.bucket[f"closings/{world.merchant}/0000000003.json"]
    orphaned = world.bucket[f"leaves/{world.merchant}/0000000003.json"]
    world.record(sale(world.merchant, "later", OLD_DAY, 7))
    assert world.night()["failed"] == 0
    assert world.bucket[f"leaves/{world.merchant}/0000000003.json"] != orphaned
    assert json.loads(world.bucket[f"closings/{world.merchant}/0000000003.json"])["entries"] == 4
    assert world.books.undelivered([world.merchant]) == []


def test_a_bucket_that_cannot_be_read_closes_nothing(night_world: NightWorld) -> None:
    def away(_name: str) -> bytes | None:
        raise TimeoutError

    night_world.record(sale(night_world.merchant, "a"))
    assert night_world.night(ports=replace(night_world.ports(), retained=away))["failed"] == 1
    assert night_world.closings() == []
