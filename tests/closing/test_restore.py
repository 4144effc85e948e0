"""A read model that lost closings, by a restored backup or a rebuild, restores them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.ledger import seals
from chalicelib.ledger.encoding import canonical_json
from tests.closing.corruptions import is_right
from tests.fixtures.interruption import Interruption, SimulatedKillError, every_effect, kill
from tests.fixtures.night import YESTERDAY, NightWorld
from tests.verify.book import reseal

OLD_DAY = YESTERDAY - timedelta(days=3)
DAYS = (OLD_DAY, YESTERDAY)
KINDS = ("closings", "leaves")
Item = dict[str, Any]


@pytest.fixture
def world(night_world: NightWorld) -> NightWorld:
    """Two closed days, one of them twice: three closings of the merchant."""
    for day in DAYS:
        night_world.sell(f"{day}a", day, 70)
        night_world.sell(f"{day}b", day, account="bank")
    night_world.night()
    night_world.sell("late", OLD_DAY, 5)
    night_world.night()
    return night_world


def lose(world: NightWorld, last: int = 0) -> None:
    """Delete all closings after one, as a backup from before them would; mark their days."""
    days = "SELECT day FROM closings WHERE merchant_id = :merchant AND sequence > :last"
    lost = f"day IN ({days}) AND version >= (SELECT min(version) FROM closings AS lost"
    lost += " WHERE merchant_id = :merchant AND sequence > :last AND lost.day = sealed.day)"
    for statement in (
        "INSERT INTO unsealed_days SELECT DISTINCT :merchant, day, nextval('unsealed_marks')"
        f" FROM ({days}) AS lost ON CONFLICT DO NOTHING",
        f"DELETE FROM sealed_entries AS sealed WHERE merchant_id = :merchant AND {lost}",
        "DELETE FROM closing_outbox WHERE merchant_id = :merchant AND sequence > :last",
        "DELETE FROM closing_effects WHERE merchant_id = :merchant AND sequence > :last",
        "DELETE FROM closings WHERE merchant_id = :merchant AND sequence > :last",
    ):
        world.corrupt(statement, merchant=world.merchant, last=last)


def all_closings(world: NightWorld) -> list[list[Item]]:
    return [world.closings(day) for day in DAYS]


def stored(world: NightWorld) -> list[list[Any]]:
    """Return the closings, and everything that is stored beside them."""
    return [*all_closings(world), world.rows("sealed_entries"), world.rows("closing_effects")]


def test_version_that_names_no_entry_is_restored(
    world: NightWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "MOST_NAMED", 0)
    world.sell("later", OLD_DAY, 6)
    world.night()
    changes = world.closings(OLD_DAY)[-1]["changes"]
    assert (changes["added"], changes["added_count"]) == (None, 1)
    before = stored(world)
    lose(world, 3)
    world.night()
    assert stored(world) == before


@pytest.mark.parametrize("last", [0, 1, 2])
def test_lost_closings_are_restored_unchanged(world: NightWorld, last: int) -> None:
    before, bucket = stored(world), dict(world.bucket)
    lose(world, last)
    assert all_closings(world) != before[:2]
    world.night()
    assert (stored(world), world.bucket) == (before, bucket)
    assert (world.marked(), is_right(world)) == (set(), True)


def test_new_entries_are_closed_after_restored_closings(world: NightWorld) -> None:
    before = all_closings(world)
    lose(world)
    world.sell("later", OLD_DAY, 7)
    assert world.night()["failed"] == 0
    old_day, yesterday = all_closings(world)
    assert [old_day[:2], yesterday] == before
    (newest,) = old_day[2:]
    assert (newest["version"], newest["sequence"]) == (3, 4)
    assert newest["previous_root"] in {item["root"] for items in before for item in items}


def test_restored_closings_are_announced_again(world: NightWorld) -> None:
    lose(world)
    world.events.clear()
    assert world.night()["closed"] == 0
    world.night()
    assert sorted(event["sequence"] for event in world.events) == [1, 2, 3]
    assert world.read_model.pending([world.merchant]) == []
    assert world.rows("closings", "run") == [["brought back"]] * 3


def test_killed_restoration_is_finished_by_the_next(world: NightWorld) -> None:
    before = stored(world)
    lose(world)
    for number, after in every_effect(world):
        lose(world)
        try:
            world.night(ports=Interruption(number, after, kill).within(world.ports()))
        except SimulatedKillError:
            world.night()
        assert stored(world) == before


FORGERIES: dict[str, Callable[[Item], Item]] = {
    "merchant": lambda item: reseal({**item, "merchant": "another"}, []),
    "day": lambda item: {"day": str(date.fromisoformat(item["day"]) + timedelta(days=1))},
    "balance": lambda item: {
        "balances": [{**item["balances"][0], "closing": "999.99"}, *item["balances"][1:]]
    },
    "signature": lambda item: {"signature": reseal(item, [], number=7)["signature"]},
    "chain": lambda _: {"previous_root": "0" * 64},
    "key": lambda _: {"key_id": "another"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_closing_is_not_restored(world: NightWorld, forgery: str) -> None:
    lose(world)
    name = f"closings/{world.merchant}/0000000002.json"
    item = json.loads(world.bucket[name])
    world.bucket[name] = canonical_json({**item, **FORGERIES[forgery](item)})
    assert world.night()["failed"] == 1
    assert sum(map(len, all_closings(world))) == 1


def test_missing_or_altered_leaves_prevent_restoration(world: NightWorld) -> None:
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


def test_orphaned_leaves_are_replaced(world: NightWorld) -> None:
    lose(world, 2)
    closing, leaves = (f"{kind}/{world.merchant}/0000000003.json" for kind in KINDS)
    del world.bucket[closing]
    orphaned = world.bucket[leaves]
    world.sell("later", OLD_DAY, 7)
    assert world.night()["failed"] == 0
    assert world.bucket[leaves] != orphaned
    assert json.loads(world.bucket[closing])["entries"] == 4
    assert world.read_model.pending([world.merchant]) == []


def test_unreadable_bucket_closes_nothing(night_world: NightWorld) -> None:
    def fail(_name: str) -> bytes | None:
        raise TimeoutError

    night_world.sell("a")
    ports = replace(night_world.ports(), archive=night_world.archive(get=fail))
    assert night_world.night(ports=ports)["failed"] == 1
    assert night_world.closings() == []
