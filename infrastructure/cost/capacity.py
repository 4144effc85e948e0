"""DynamoDB's capacity units, from the sizes of items.

Developer guide, "Read and write request units": a write unit is up to 1 KB, a read unit up to 4 KB;
an eventually consistent read costs half, a transaction double. An item with the keys of an index
is also written to the index.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

WRITE_BYTES = 1024
READ_BYTES = 4096
# Storage per item beyond its content.
OVERHEAD_BYTES = 100
TRANSACTION = 2
INDEX_KEYS = ("merchant_shard", "day_entry")

Item = Mapping[str, Mapping[str, Any]]


def item_bytes(item: Item) -> int:
    """Return an item's size: names and values in UTF-8, numbers by their digits."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(item: Item) -> int:
    """Return the units of writing an item to the table, and to the index if it has its keys."""
    units = math.ceil(item_bytes(item) / WRITE_BYTES)
    return units * 2 if all(key in item for key in INDEX_KEYS) else units


def read_units(items: Sequence[Item], consistent: bool, as_page: bool) -> float:
    """Return the read units of items: their sum is rounded if `as_page`, else each item."""
    sizes = [item_bytes(item) for item in items] or [0]
    pages = [sum(sizes)] if as_page else sizes
    units = sum(max(1, math.ceil(size / READ_BYTES)) for size in pages)
    return units if consistent else units / 2


def stored_bytes(item: Item) -> int:
    """Return the bytes that an entry occupies: in the table, and as much in the index."""
    return 2 * (item_bytes(item) + OVERHEAD_BYTES)


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "N":
        return math.ceil(len(str(content).lstrip("-")) / 2) + 1
    if kind in {"NULL", "BOOL"}:
        return 1
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(v) for name, v in content.items())
    if kind == "L":
        return 3 + sum(1 + _value_bytes(v) for v in content)
    return len(content.encode() if isinstance(content, str) else json.dumps(content).encode())
