"""Getting an entry from the ledger: immediately, with its reversal, and only one's own."""

import pytest

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import LedgerUnavailableError, NotFoundError
from tests.commands.examples import PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, unreachable


def test_entry_is_returned_as_recorded(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1", metadata={"order": "A-17"})).entry
    result = get_entry(ports, "padaria", sold.entry_id)
    assert (result.entry, result.reversed_by) == (sold, None)


def test_entry_and_reversal_name_each_other(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1")).entry
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    assert get_entry(ports, "padaria", sold.entry_id).reversed_by == undone.entry_id
    result = get_entry(ports, "padaria", undone.entry_id)
    assert (result.entry.reverses, result.reversed_by) == (sold.entry_id, None)


def test_one_read_is_enough(table: LedgerTable, ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1")).entry
    get_entry(ports, "padaria", sold.entry_id)
    assert table.wire.calls == ["PutItem", "BatchGetItem"]


def test_other_merchants_entry_is_not_found(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1")).entry
    with pytest.raises(NotFoundError):
        get_entry(ports, "rival", sold.entry_id)


def test_idempotency_record_is_not_an_entry(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1")).entry
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    with pytest.raises(NotFoundError):
        get_entry(ports, "padaria", entry_id("padaria", "r1"))


@pytest.mark.parametrize("nothing", ["", "a", "0" * 32, "\udfff" * 32, "a" * 5000, "á" * 32])
def test_impossible_id_is_not_read(table: LedgerTable, ports: CommandPorts, nothing: str) -> None:
    with pytest.raises(NotFoundError):
        get_entry(ports, "padaria", nothing)
    assert table.wire.calls == []


def test_unreachable_ledger_is_not_a_missing_entry(table: LedgerTable) -> None:
    table.wire.twist("BatchGetItem", unreachable)
    ports = ports_over(table, client=table.client_of_one_try())
    with pytest.raises(LedgerUnavailableError):
        get_entry(ports, "padaria", "a" * 32)
