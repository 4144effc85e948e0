"""A read model that lost closings, by a restored backup or a rebuild, restores them."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.ledger import seals
from chalicelib.ledger.encoding import canonical_json
from tests.closing.corruptions import is_right
from tests.fixtures.interruption import Interruption, SimulatedKillError, every_effect, kill
from tests.fixtures.night import KEYS, YESTERDAY, NightWorld, port, sale
from tests.verify.book import KEY_ID, pem, private_key, reseal, sign

OLD_DAY = YESTERDAY - timedelta(days=3)
DAYS = (OLD_DAY, YESTERDAY)
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


def test_nothing_is_signed_after_a_failed_restoration(world: NightWorld) -> None:
    """A row of PostgreSQL takes the place of an entry, so its closing cannot be recorded."""
    bucket, signed = dict(world.bucket), []
    lose(world)
    entry_id = sale(world.merchant, f"{OLD_DAY}a", OLD_DAY, 70).entry_id
    world.corrupt(
        "INSERT INTO sealed_entries VALUES (:m, :day, :entry, 7)",
        m=world.merchant,
        day=OLD_DAY,
        entry=entry_id,
    )

    def record_signature(digest: bytes) -> tuple[str, str]:
        signed.append(digest)
        return sign(digest, private_key()), KEY_ID

    ports = world.ports(signer=port(sign=record_signature))
    assert world.night(ports=ports)["failed"] == 1
    assert (signed, world.bucket, all_closings(world)) == ([], bucket, [[], []])


def leaves_of(world: NightWorld, sequence: int) -> str:
    """Return the name of a closing's leaves."""
    item = json.loads(world.bucket[f"closings/{world.merchant}/{sequence:010d}.json"])
    return f"leaves/{world.merchant}/{item['entries_root']}.json"


def test_missing_or_altered_leaves_prevent_restoration(world: NightWorld) -> None:
    name = leaves_of(world, 1)
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


def test_leaves_under_their_old_names_are_read(world: NightWorld) -> None:
    before = stored(world)
    for sequence in (1, 2, 3):
        leaves = world.bucket.pop(leaves_of(world, sequence))
        world.bucket[f"leaves/{world.merchant}/{sequence:010d}.json"] = leaves
    lose(world)
    assert world.night()["failed"] == 0
    assert stored(world) == before


def test_leaves_of_a_lost_closing_disturb_nothing(world: NightWorld) -> None:
    """A run was killed after it stored leaves, and PostgreSQL then lost the closing."""
    orphaned = leaves_of(world, 3)
    lose(world, 2)
    del world.bucket[f"closings/{world.merchant}/0000000003.json"]
    world.sell("later", OLD_DAY, 7)
    assert world.night()["failed"] == 0
    assert orphaned in world.bucket
    assert leaves_of(world, 3) != orphaned
    assert world.read_model.pending([world.merchant]) == []


def test_lost_closing_may_have_the_same_leaves(world: NightWorld) -> None:
    """Two lost versions of a day become one, with the leaves that the second had."""
    orphaned, leaves = leaves_of(world, 3), dict(world.bucket)
    lose(world)
    for name in [name for name in world.bucket if name.startswith("closings/")]:
        del world.bucket[name]
    assert world.night()["failed"] == 0
    (only,) = world.closings(OLD_DAY)
    assert (only["version"], leaves_of(world, only["sequence"])) == (1, orphaned)
    assert world.bucket[orphaned] == leaves[orphaned]


def test_change_of_the_key_prevents_no_restoration(world: NightWorld) -> None:
    new_key, before = private_key(7), stored(world)
    world.bucket["keys/new.pem"] = pem(new_key).encode()
    signer = port(sign=lambda digest: (sign(digest, new_key), "new"))
    world.sell("later", minor=3)
    world.night(ports=world.ports(signer=signer))
    (_, second) = world.closings()
    assert second["key_id"] == "new"
    lose(world)
    assert stored(world) != before
    world.public_keys.clear()
    assert world.night()["failed"] == 0
    assert stored(world)[1][-1] == second
    assert world.public_keys == {**KEYS, "new": pem(new_key)}


def test_unreadable_bucket_closes_nothing(night_world: NightWorld) -> None:
    def fail(*_: str) -> Any:
        raise TimeoutError

    night_world.sell("a")
    ports = night_world.ports(archive=night_world.archive(versions=fail))
    assert night_world.night(ports=ports)["failed"] == 1
    assert night_world.closings() == []
