"""Getting an entry from the ledger: immediately, with its reversal, and only one's own."""

import pytest

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, entry_id
from chalicelib.ledger.errors import NotFoundError
from tests.commands.examples import PADARIA, reversal, sale
from tests.fixtures.ledger_table import LedgerTable


def test_entry_is_read_as_recorded_at_once(table: LedgerTable, ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1", metadata={"order": "A-17"})).entry
    result = get_entry(ports, "padaria", sold.entry_id)
    assert (result.entry, result.reversed_by) == (sold, None)
    assert table.wire.calls == ["PutItem", "BatchGetItem"]


def test_entry_and_reversal_name_each_other(ports: CommandPorts, sold: Entry) -> None:
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    assert get_entry(ports, "padaria", sold.entry_id).reversed_by == undone.entry_id
    result = get_entry(ports, "padaria", undone.entry_id)
    assert (result.entry.reverses, result.reversed_by) == (sold.entry_id, None)


@pytest.mark.parametrize(("reader", "key"), [("rival", "sold"), ("padaria", "r1")])
def test_only_the_merchants_entries_are_read(
    ports: CommandPorts, sold: Entry, reader: str, key: str
) -> None:
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    with pytest.raises(NotFoundError):
        get_entry(ports, reader, entry_id("padaria", key))


@pytest.mark.parametrize("nothing", ["", "0" * 32, "\udfff" * 32, "a" * 5000])
def test_impossible_id_is_not_read(table: LedgerTable, ports: CommandPorts, nothing: str) -> None:
    with pytest.raises(NotFoundError):
        get_entry(ports, "padaria", nothing)
    assert table.wire.calls == []
