"""Write units: DynamoDB bills one per started 1,024 bytes, in the table and in the index."""

from math import ceil
from pathlib import Path
from typing import Any

import pytest

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.principal import Principal
from tests.commands.examples import PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable

FOUNDATION = Path(__file__).parents[2] / "infrastructure" / "foundation.yaml"
TYPICAL = sale(
    "order-A-17",
    account="main",
    occurred_at="2026-11-23T11:05:00-03:00",
    description="Venda balcão",
    category="sales",
    metadata={"order": "A-17", "till": "2"},
)

DEPLOYED = Principal(
    merchant_id="padaria-do-largo-da-matriz",
    subject="f3bcd7a0-40d1-7054-9d1f-2ab1c2a1b0de",
    origin="Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
)


def test_typical_entry_costs_two_units(table: LedgerTable) -> None:
    assert _recorded_size(table, TYPICAL, DEPLOYED) < 1024
    assert table.wire.calls == ["PutItem"]
    assert _units(table.items()[0]) == 2


def test_entry_of_1024_bytes_costs_two_units(table: LedgerTable) -> None:
    free = 1024 - _recorded_size(table, sale("k1")) - len("description")
    padded = sale("k2", description="x" * free)
    assert _recorded_size(table, padded) == 1024
    assert table.wire.calls == ["PutItem", "PutItem"]
    assert [_units(item) for item in table.items()] == [2, 2]


def test_reversal_is_one_transaction_of_two_puts(table: LedgerTable, ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, TYPICAL).entry
    table.wire.calls.clear()
    reverse(ports, PADARIA, reversal(sold.entry_id, "k2"))
    assert table.wire.calls == ["BatchGetItem", "TransactWriteItems"]
    assert len(table.wire.requests[-1]["TransactItems"]) == 2
    (used_key,) = (item for item in table.items() if item["kind"] == {"S": "key"})
    assert not {"merchant_shard", "day_entry"} & set(used_key)
    assert item_size(used_key) < 1024


def test_deployed_table_has_one_index() -> None:
    assert FOUNDATION.read_text().count("IndexName:") == 1


@pytest.mark.parametrize(
    ("value", "size"),
    [({"S": "ação"}, 6), ({"N": "15075"}, 4), ({"M": {"a": {"S": "12"}}}, 3 + 1 + 1 + 2)],
)
def test_value_sizes_are_those_of_dynamodb(value: dict[str, Any], size: int) -> None:
    assert _value_size(value) == size


def item_size(item: dict[str, Any]) -> int:
    """Return the bytes of an item (DynamoDB developer guide, item sizes and formats)."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return ceil(len(content) / 2) + 1
    return 3 + sum(1 + len(name.encode()) + _value_size(inner) for name, inner in content.items())


def _units(item: dict[str, Any]) -> int:
    return ceil(item_size(item) / 1024) * (2 if "merchant_shard" in item else 1)


def _recorded_size(table: LedgerTable, command: RecordEntry, principal: Principal = PADARIA) -> int:
    stored = record(ports_over(table), principal, command).stored
    (item,) = (item for item in table.items() if item["entry_id"]["S"] == stored.entry.entry_id)
    table.wire.calls.remove("Scan")
    return item_size(item)
