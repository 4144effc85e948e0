"""What must be true of closings: each once, an unbroken chain, all sealed, archived, announced.

The archived files are checked by verify.py, the independent checker, with the public key.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key

import verify
from chalicelib.ledger.money import parse_amount
from verification.kit.reference_model import ReferenceLedger
from verification.simulation.violations import ALARM, CLOSING, check
from verification.simulation.world import World

Item = dict[str, Any]
Published = dict[tuple[str, int], str]


def published(world: World) -> Published:
    """Return every closing so far as published, by merchant and sequence number."""
    return {key: row.published for key, row in world.tables.closings.items()}


def check_unchanged(world: World, before: Published) -> None:
    """Check that no closing changed since `before`."""
    for key, text in before.items():
        row = world.tables.closings.get(key)
        check(row is not None and row.published == text, CLOSING, f"{key} was changed")


def has_restored(world: World) -> bool:
    """Return whether closings were restored from the bucket."""
    return any(row.run == "brought back" for row in world.tables.closings.values())


def check_differences(world: World, is_altered: bool) -> None:
    """Check that no run reports an entry that the read model has and the ledger lacks.

    The read model gets entries from the ledger only, so such a difference is not confirmed: unless
    somebody altered the read model, the run trusted the index, which lags behind the table.
    """
    for difference in world.tables.differences if not is_altered else ():
        if difference.what == "entries":
            stored = difference.differed["read_model"]["entries"]
            is_confirmed = difference.differed["ledger"]["entries"] >= stored
            check(is_confirmed, ALARM, "{} is not confirmed by the table", difference)


def check_chains(world: World) -> None:
    """Check all closings by verify.py, from the bucket's files alone."""
    closings = [json.loads(text) for text in published(world).values()]
    for merchant_id in sorted({item["merchant"] for item in closings}):
        items = _archived(world, "closings", merchant_id)
        expected = [item for item in closings if item["merchant"] == merchant_id]
        expected.sort(key=lambda item: int(item["sequence"]))
        check(items == expected, CLOSING, f"the bucket has other closings of {merchant_id}")
        leaves = {
            file["entries_root"]: file["items"] for file in _archived(world, "leaves", merchant_id)
        }
        try:
            errors = list(_errors(items, leaves, merchant_id, world))
        except verify.MALFORMED as error:
            errors = [f"it does not have the published format ({error!r})"]
        check(not errors, CLOSING, f"{merchant_id}: {errors}")
    _check_announced(world, closings)


def check_all_closed(world: World, ledger: ReferenceLedger, until: date) -> None:
    """Check that the newest closing of each day up to `until` has the totals of the model."""
    newest: dict[tuple[str, date], Mapping[str, Any]] = {}
    for (merchant_id, _), row in sorted(world.tables.closings.items()):
        newest[merchant_id, row.day] = row.item
    expected: dict[tuple[str, date], dict[tuple[str, str], tuple[int, ...]]] = {}
    for (merchant_id, currency, day, account), totals in ledger.totals("day").items():
        if day <= until:
            expected.setdefault((merchant_id, day), {})[account, currency] = totals
    for (merchant_id, day), lines in sorted(expected.items()):
        item = newest.get((merchant_id, day))
        check(item is not None, CLOSING, f"{day} of {merchant_id} is not closed")
        assert item is not None
        result = {key: totals for key, totals in _sealed_lines(item) if totals[2]}
        check(result == lines, CLOSING, f"{day} of {merchant_id} closes {result} and not {lines}")
    open_days = [key for key in world.tables.unsealed if key[1] <= until]
    check(not open_days, CLOSING, f"{open_days} are still marked as changed")
    check(not world.tables.outbox, CLOSING, f"{list(world.tables.outbox)} are not delivered")


def _archived(world: World, folder: str, merchant_id: str) -> list[Item]:
    prefix = f"{folder}/{merchant_id}/"
    names = sorted(name for name in world.bucket.objects if name.startswith(prefix))
    return [json.loads(world.bucket.objects[name]) for name in names]


def _errors(
    items: list[Item], leaves: Mapping[str, list[Item]], merchant_id: str, world: World
) -> Iterator[str]:
    """Yield errors; `leaves` are by their root, and may include those of lost closings."""
    sealed: dict[verify.Version, list[Item]] = {}
    keys = {item["key_id"]: _retained_key(world, item["key_id"]) for item in items}
    for item in items:
        version = merchant_id, item["day"], str(item["version"])
        sealed[version] = leaves.get(item["entries_root"], [])
        yield from verify.closing_errors(item, merchant_id, keys)
        yield from verify.leaf_errors(version, sealed[version], item)
    yield from verify.chain_errors(items, 1)
    yield from verify.version_errors(items, sealed, 1)
    yield from verify.entry_errors(items, sealed)
    yield from verify.opening_errors(items)
    yield from verify.unsealed_errors(items, sealed)


def _retained_key(world: World, key_id: str) -> Any:
    """Return the public key in the bucket, which must be the one that KMS had."""
    key: Any = load_pem_public_key(world.bucket.objects[f"keys/{key_id}.pem"])
    is_same = key.public_numbers() == world.key.public[key_id].public_numbers()
    check(is_same, CLOSING, f"the bucket has another key than KMS under {key_id}")
    return key


def _check_announced(world: World, closings: Iterable[Item]) -> None:
    announced = Counter((event["merchant"], event["sequence"]) for event in world.bus.events)
    for item in closings:
        key = (item["merchant"], item["sequence"])
        is_pending = key in world.tables.outbox
        check(announced[key] > 0 or is_pending, CLOSING, f"{key} was never announced")
    unknown = announced.keys() - world.tables.closings.keys()
    check(not unknown, CLOSING, f"{unknown} were announced and do not exist")


def _sealed_lines(item: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[int, ...]]]:
    for line in item["balances"]:
        amounts = (minor_units(line[name], line["currency"]) for name in ("credits", "debits"))
        yield (line["account"], line["currency"]), (*amounts, line["entries"])


def minor_units(text: str, currency: str) -> int:
    """Return a published amount, which may be negative, in minor units."""
    if text.startswith("-"):
        return -minor_units(text[1:], currency)
    return parse_amount(text, currency) if text.strip("0.") else 0
