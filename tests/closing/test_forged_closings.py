"""Closings and keys that somebody altered in PostgreSQL are not continued."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.public_keys import BucketKeys
from chalicelib.closing.read_model import ClosingStore
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import leaves_of
from tests.fixtures.night import BUCKET, KEYS, YESTERDAY, NightWorld, sale
from tests.verify.book import KEY_ID, pem, private_key, reseal

DAY_BEFORE = YESTERDAY - timedelta(days=1)
NEXT_DAY = YESTERDAY + timedelta(days=1)


@pytest.fixture
def world(night_world: NightWorld) -> NightWorld:
    """A day that is closed with two entries."""
    night_world.sell("a")
    night_world.sell("b", minor=900)
    night_world.night()
    return night_world


class Unaware(ClosingStore):
    """A read model as it was before any closing was pending."""

    def pending(self, merchants: Sequence[str]) -> list[tuple[str, int]]:
        return []


def forge(world: NightWorld, **seal: Any) -> dict[str, Any]:
    """Replace the closing by one without the entry of 9.00, signed by a key of one's own."""
    (item,) = world.closings()
    sold = sale(world.merchant, "b", minor=900)
    for table in ("entries", "sealed_entries"):
        world.corrupt(f"DELETE FROM {table} WHERE entry_id = :entry", entry=sold.entry_id)
    leaves = [json.loads(leaf) for leaf in leaves_of([sale(world.merchant, "a")])]
    line = {**item["balances"][0], "credits": "1.00", "closing": "1.00", "entries": 1}
    forged = reseal({**item, "balances": [line], "entries": 1, "key_id": "mine"}, leaves, number=7)
    replace_closing(world, forged | seal)
    return forged


def replace_closing(world: NightWorld, item: dict[str, Any]) -> None:
    world.corrupt(
        "UPDATE closings SET root = :root, key_id = :key_id, published = :published"
        " WHERE merchant_id = :merchant AND sequence = :sequence",
        published=canonical_json(item).decode(),
        merchant=world.merchant,
        **{name: item[name] for name in ("root", "key_id", "sequence")},
    )


@pytest.mark.parametrize("with_key", [False, True])
def test_replaced_closing_is_not_continued(world: NightWorld, with_key: bool) -> None:
    forged = forge(world)
    world.public_keys |= {"mine": pem(private_key(7))} if with_key else {}
    world.sell("next", NEXT_DAY)
    assert (world.night(NEXT_DAY)["failed"], world.closings(NEXT_DAY)) == (1, [])
    assert world.closings() == [forged]


def test_altered_head_is_not_continued(world: NightWorld) -> None:
    """Its root is still the one that was sealed; the next closing would take its moment."""
    (item,) = world.closings()
    replace_closing(world, {**item, "closed_at": "2099-01-01T00:00:00.000Z"})
    world.sell("next", NEXT_DAY)
    assert (world.night(NEXT_DAY)["failed"], world.closings(NEXT_DAY)) == (1, [])


def test_replaced_older_version_is_not_continued(world: NightWorld) -> None:
    world.sell("next", NEXT_DAY)
    world.night(NEXT_DAY)
    (item,) = world.closings()
    replace_closing(world, {**item, "repairs": 7})
    world.sell("late")
    assert world.night(NEXT_DAY)["failed"] == 1
    assert len(world.closings()) == 1


def test_key_that_the_bucket_lacks_stops_sealing(world: NightWorld) -> None:
    world.public_keys["mine"] = pem(private_key(7))
    world.sell("next", NEXT_DAY)
    assert (world.night(NEXT_DAY)["failed"], world.closings(NEXT_DAY)) == (1, [])
    del world.public_keys["mine"]
    assert (world.night(NEXT_DAY)["failed"], len(world.closings(NEXT_DAY))) == (0, 1)


@pytest.mark.parametrize("key_id", ["mine", KEY_ID])
def test_forged_closing_is_not_archived(world: NightWorld, key_id: str) -> None:
    world.bucket = dict(BUCKET)
    forge(world, key_id=key_id)
    world.corrupt("INSERT INTO closing_outbox VALUES (:merchant, 1)", merchant=world.merchant)
    assert world.night()["failed"] == 1
    assert world.bucket == BUCKET


def test_closing_of_a_killed_run_is_archived_first(world: NightWorld) -> None:
    """A run recorded the closing after this one had read what is pending."""
    world.bucket = dict(BUCKET)
    world.sell("next", NEXT_DAY)
    ports = world.ports(read_model=Unaware(world.connections))
    assert world.night(NEXT_DAY, ports=ports)["failed"] == 0
    sequences = [json.loads(world.bucket[name])["sequence"] for name in sorted(world.bucket)[:2]]
    assert sequences == [1, 2]


def test_keys_are_those_of_the_bucket(night_world: NightWorld) -> None:
    keys = night_world.keys()
    assert keys.get(KEY_ID) == KEYS[KEY_ID]
    with pytest.raises(SealMismatchError, match="The public key new must be in the bucket"):
        keys.get("new")
    night_world.bucket["keys/new.pem"] = b"a new key"
    assert keys.get("new") == "a new key"
    assert night_world.public_keys == {**KEYS, "new": "a new key"}


def test_altered_key_is_named(night_world: NightWorld) -> None:
    night_world.public_keys[KEY_ID] = pem(private_key(7))
    keys: BucketKeys = night_world.keys()
    for _ in range(2):
        with pytest.raises(SealMismatchError, match=f"Key {KEY_ID} in signing_keys must be"):
            keys.check()
