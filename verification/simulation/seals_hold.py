"""What must be true of closings: each once, the chain whole, all sealed, kept and announced."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import verify
from chalicelib.ledger.money import parse_amount
from verification.simulation.expected_book import Fact, sums
from verification.simulation.stores.aws_fakes import KEY_ID
from verification.simulation.violations import CLOSING, check
from verification.simulation.world import World

Item = dict[str, Any]
Published = dict[tuple[str, int], str]


def published(world: World) -> Published:
    """Return every closing so far, by merchant and number, as published."""
    return {key: one.published for key, one in world.tables.closings.items()}


def check_unchanged(world: World, before: Published) -> None:
    """Demand that no closing changed since, in the read model or in the bucket."""
    for key, text in before.items():
        now = world.tables.closings.get(key)
        check(now is not None and now.published == text, CLOSING, f"{key} was changed")


def check_chains(world: World) -> None:
    """Hold all closings against the independent checker, from what the bucket keeps alone."""
    there = [json.loads(text) for text in published(world).values()]
    for merchant_id in sorted({item["merchant"] for item in there}):
        items = _archived(world, "closings", merchant_id)
        mine = [item for item in there if item["merchant"] == merchant_id]
        mine.sort(key=lambda item: int(item["sequence"]))
        check(items == mine, CLOSING, f"the bucket keeps others than were made of {merchant_id}")
        leaves = {
            (merchant_id, result["day"], str(result["version"])): result["items"]
            for result in _archived(world, "leaves", merchant_id)
        }
        try:
            faults = list(_faults(items, leaves, merchant_id, world))
        except verify.MALFORMED as misfit:
            faults = [f"it is not in the form of the format ({misfit!r})"]
        check(not faults, CLOSING, f"{merchant_id}: {faults}")
    _check_announced(world, there)


def check_all_closed(world: World, facts: Sequence[Fact], until: date) -> None:
    """Demand that each day's newest closing up to a day is what the book adds up to."""
    newest: dict[tuple[str, date], Mapping[str, Any]] = {}
    for (merchant_id, _), one in sorted(world.tables.closings.items()):
        newest[merchant_id, one.day] = one.item
    lines = {line: totals for line, totals in sums(facts).items() if line[2] <= until}
    for merchant_id, day in sorted({(line[0], line[2]) for line in lines}):
        item = newest.get((merchant_id, day))
        check(item is not None, CLOSING, f"{day} of {merchant_id} is not closed")
        assert item is not None
        right = {
            (account, currency): totals
            for (merchant, currency, one, account), totals in lines.items()
            if (merchant, one) == (merchant_id, day)
        }
        result = {key: totals for key, totals in _sealed_lines(item) if totals[2]}
        check(result == right, CLOSING, f"{day} of {merchant_id} closes {result} and not {right}")
    open_days = [key for key in world.tables.unsealed if key[1] <= until]
    check(not open_days, CLOSING, f"{open_days} are still marked as changed")
    check(not world.tables.outbox, CLOSING, f"{list(world.tables.outbox)} are not delivered")


def _archived(world: World, folder: str, merchant_id: str) -> list[Item]:
    prefix = f"{folder}/{merchant_id}/"
    names = sorted(name for name in world.bucket.objects if name.startswith(prefix))
    return [json.loads(world.bucket.objects[name]) for name in names]


def _faults(
    items: list[Item], leaves: verify.Leaves, merchant_id: str, world: World
) -> Iterator[str]:
    keys = {KEY_ID: world.key.public}
    for item in items:
        yield from verify.closing_errors(item, merchant_id, keys)
    for version, result in leaves.items():
        yield from verify.leaf_errors(version, result, items)
    missing = {(merchant_id, item["day"], str(item["version"])) for item in items} - leaves.keys()
    yield from (f"the leaves of {version} are missing" for version in sorted(missing))
    yield from verify.chain_errors(items, 1)
    yield from verify.version_errors(items, leaves)
    yield from verify.opening_errors(items)


def _check_announced(world: World, there: Iterable[Item]) -> None:
    result = Counter((event["merchant"], event["sequence"]) for event in world.bus.events)
    for item in there:
        key = (item["merchant"], item["sequence"])
        waiting = key in world.tables.outbox
        check(result[key] > 0 or waiting, CLOSING, f"{key} was never announced")
    strangers = result.keys() - world.tables.closings.keys()
    check(not strangers, CLOSING, f"{strangers} were announced and do not exist")


def _sealed_lines(item: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[int, ...]]]:
    for line in item["balances"]:
        amounts = (_minor(line[name], line["currency"]) for name in ("credits", "debits"))
        yield (line["account"], line["currency"]), (*amounts, line["entries"])


def _minor(text: str, currency: str) -> int:
    return parse_amount(text, currency) if text.strip("0.") else 0
