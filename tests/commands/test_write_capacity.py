"""Write units of what is recorded: DynamoDB bills one per started 1,024 bytes."""

from typing import Any

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.principal import Principal
from chalicelib.storage.dynamodb_items import entry_item
from infrastructure.cost.capacity import item_bytes, write_units
from tests.commands.examples import PADARIA, reversal, sale
from tests.fixtures.ledger_table import LedgerTable

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


def test_typical_entry_costs_two_units(table: LedgerTable, ports: CommandPorts) -> None:
    item = _recorded(ports, TYPICAL, DEPLOYED)
    assert table.items() == [item]
    assert item_bytes(item) < 1024
    assert write_units(item) == 2


def test_entry_of_1024_bytes_costs_two_units(ports: CommandPorts) -> None:
    free = 1024 - item_bytes(_recorded(ports, sale("k1"))) - len("description")
    padded = _recorded(ports, sale("k2", description="x" * free))
    assert (item_bytes(padded), write_units(padded)) == (1024, 2)


def test_reversal_is_one_transaction_of_two_puts(table: LedgerTable, ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, TYPICAL).entry
    table.wire.calls.clear()
    reverse(ports, PADARIA, reversal(sold.entry_id, "k2"))
    assert table.wire.calls == ["BatchGetItem", "TransactWriteItems"]
    assert len(table.wire.requests[-1]["TransactItems"]) == 2
    (used_key,) = (item for item in table.items() if item["kind"] == {"S": "key"})
    assert write_units(used_key) == 1


def _recorded(
    ports: CommandPorts, command: RecordEntry, principal: Principal = PADARIA
) -> dict[str, Any]:
    return entry_item(record(ports, principal, command).stored)
