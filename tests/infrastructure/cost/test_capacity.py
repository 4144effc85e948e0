"""DynamoDB's capacity units, at their boundaries."""

from typing import Any

import pytest

from infrastructure.cost.capacity import item_bytes, read_units, write_units


def of_bytes(size: int, **more: Any) -> dict[str, Any]:
    """Return an item of this size, without `more`; its only name is one byte long."""
    return {"a": {"S": "x" * (size - 1)}, **more}


def test_item_size_is_names_and_values() -> None:
    assert item_bytes({"name": {"S": "é"}}) == 4 + 2
    assert item_bytes({"n": {"N": "-12345"}}) == 1 + 4
    assert item_bytes({"m": {"M": {"ab": {"S": "c"}}}}) == 1 + 3 + 1 + 2 + 1
    assert item_bytes({"l": {"L": [{"S": "c"}]}, "z": {"NULL": True}}) == 1 + 3 + 1 + 1 + 1 + 1


@pytest.mark.parametrize(("size", "units"), [(10, 1), (1024, 1), (1025, 2)])
def test_write_unit_is_one_kilobyte(size: int, units: int) -> None:
    assert write_units(of_bytes(size)) == units


def test_indexed_item_is_written_twice() -> None:
    indexed = of_bytes(10, merchant_shard={"S": "m#0"}, day_entry={"S": "d#e"})
    assert write_units(indexed) == 2


def test_read_unit_is_four_kilobytes() -> None:
    items = [of_bytes(3000), of_bytes(3000)]
    assert read_units(items, consistent=True, as_page=False) == 2
    assert read_units(items, consistent=True, as_page=True) == 2
    assert read_units(items[:1], consistent=False, as_page=True) == 0.5
    assert read_units([], consistent=False, as_page=True) == 0.5
