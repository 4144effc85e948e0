"""The emulated table and ports of the write side over it."""

import pytest

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.ledger.entries import Entry
from tests.commands.examples import PADARIA, SOLD, ports_over
from tests.fixtures.ledger_table import LedgerTable


@pytest.fixture
def table(ledger_table: LedgerTable) -> LedgerTable:
    """The emulated table, empty."""
    return ledger_table


@pytest.fixture
def ports(table: LedgerTable) -> CommandPorts:
    """Ports without a cache over the emulated table, with a stopped clock."""
    return ports_over(table)


@pytest.fixture
def sold(ports: CommandPorts) -> Entry:
    """An entry of the bakery's, under the key "sold", with texts."""
    return record(ports, PADARIA, SOLD).entry
