"""Looking one entry up in the ledger: at once, with what reverses it, and nobody else's."""

import pytest

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import LedgerUnavailableError, NotFoundError
from tests.commands.examples import PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, unreachable


def test_an_entry_is_found_as_it_was_recorded(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    sold = record(ports, PADARIA, sale("k1", metadata={"order": "A-17"})).entry
    result = get_entry(ports, "padaria", sold.entry_id)
    assert (result.entry, result.reversed_by) == (sold, None)


def test_an_entry_says_what_reverses_it_and_the_reversal_what_it_reverses(
    ledger_table: LedgerTable,
) -> None:
    ports = ports_over(ledger_table)
    sold = record(ports, PADARIA, sale("k1")).entry
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    assert get_entry(ports, "padaria", sold.entry_id).reversed_by == undone.entry_id
    result = get_entry(ports, "padaria", undone.entry_id)
    assert (result.entry.reverses, result.reversed_by) == (sold.entry_id, None)


def test_a_look_is_one_call(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    sold = record(ports, PADARIA, sale("k1")).entry
    get_entry(ports, "padaria", sold.entry_id)
    assert ledger_table.wire.calls == ["PutItem", "BatchGetItem"]


def test_another_merchants_entry_does_not_exist(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    sold = record(ports, PADARIA, sale("k1")).entry
    with pytest.raises(NotFoundError):
        get_entry(ports, "rival", sold.entry_id)


def test_the_record_of_a_key_is_no_entry(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    sold = record(ports, PADARIA, sale("k1")).entry
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    with pytest.raises(NotFoundError):
        get_entry(ports, "padaria", entry_id("padaria", "r1"))


@pytest.mark.parametrize("nothing", ["", "a", "0" * 32, "\udfff" * 32, "a" * 5000, "á" * 32])
def test_what_cannot_be_an_id_is_not_asked_for(ledger_table: LedgerTable, nothing: str) -> None:
    with pytest.raises(NotFoundError):
        get_entry(ports_over(ledger_table), "padaria", nothing)
    assert ledger_table.wire.calls == []


def test_a_ledger_out_of_reach_is_not_an_absent_entry(ledger_table: LedgerTable) -> None:
    ledger_table.wire.twist("BatchGetItem", unreachable)
    ports = ports_over(ledger_table, client=ledger_table.client_of_one_try())
    with pytest.raises(LedgerUnavailableError):
        get_entry(ports, "padaria", "a" * 32)
