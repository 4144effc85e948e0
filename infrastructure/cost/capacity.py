"""DynamoDB's units, from the sizes of items (developer guide, "Read and write request units").

A write unit is a kilobyte begun, a read unit four; an eventually consistent read costs half, a
transaction double. An index is a table of its own: an item with the index's keys is written twice.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

WRITE_BYTES = 1024
READ_BYTES = 4096
# What storing an item takes beside what is in it.
OVERHEAD_BYTES = 100
TRANSACTION = 2
INDEX_KEYS = ("merchant_shard", "day_entry")

Item = Mapping[str, Mapping[str, Any]]


def item_bytes(item: Item) -> int:
    """Return an item's size: names and values in UTF-8, numbers by their digits."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(item: Item) -> int:
    """Return what writing an item costs, in the table and in the index where it is there."""
    units = math.ceil(item_bytes(item) / WRITE_BYTES)
    return units * 2 if all(key in item for key in INDEX_KEYS) else units


def read_units(items: Sequence[Item], consistent: bool, together: bool) -> float:
    """Return what reading items costs; `together` as one page, or each by itself."""
    sizes = [item_bytes(item) for item in items] or [0]
    pages = [sum(sizes)] if together else sizes
    units = sum(max(1, math.ceil(size / READ_BYTES)) for size in pages)
    return units if consistent else units / 2


def stored_bytes(item: Item) -> int:
    """Return what an entry takes of the disk: its item and, in the index, all of it again."""
    return 2 * (item_bytes(item) + OVERHEAD_BYTES)


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, inside),) = value.items()
    if kind == "N":
        return math.ceil(len(str(inside).lstrip("-")) / 2) + 1
    if kind in {"NULL", "BOOL"}:
        return 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in inside.items())
    if kind == "L":
        return 3 + sum(1 + _value_bytes(one) for one in inside)
    return len(inside.encode() if isinstance(inside, str) else json.dumps(inside).encode())
