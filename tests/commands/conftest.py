"""The emulated table and ports of the write side over it."""

import pytest

from chalicelib.commands.ports import CommandPorts
from tests.commands.examples import ports_over
from tests.fixtures.ledger_table import LedgerTable


@pytest.fixture
def table(ledger_table: LedgerTable) -> LedgerTable:
    """The emulated table, empty."""
    return ledger_table


@pytest.fixture
def ports(table: LedgerTable) -> CommandPorts:
    """Ports without a cache over the emulated table, with a stopped clock."""
    return ports_over(table)
