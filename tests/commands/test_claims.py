"""A row that is the same as an entry claims it; each entry is claimed once."""

import pytest

from chalicelib.commands.bank_rows import RecordedRow, RowResult, record_rows, recorded_rows
from chalicelib.commands.claims import candidates
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, reversal_id_of
from chalicelib.ledger.errors import NotFoundError
from tests.commands.bank_rows import identity, row
from tests.commands.examples import PADARIA, RIVAL, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer

UNDECIDED = RowResult("needs_decision")


def test_claimed_row_is_a_duplicate(table: LedgerTable, ports: CommandPorts, sold: Entry) -> None:
    rows = [row(1, same=sold.entry_id)]
    assert record_rows(ports, PADARIA, "import-1", rows) == [RowResult("duplicate", sold.entry_id)]
    assert len(table.items()) == 3
    expected = RecordedRow(sold.entry_id, "import-1", is_claim=True)
    assert recorded_rows(ports, "padaria", [(identity(1),)]) == [expected]
    for import_id, again in (("import-1", rows), ("import-2", [row(1)]), ("import-3", rows)):
        result = record_rows(ports, PADARIA, import_id, again)
        assert result == [RowResult("duplicate", sold.entry_id)]
    assert len(table.items()) == 3


def test_entry_is_claimed_once(ports: CommandPorts, sold: Entry) -> None:
    rows = [row(1, same=sold.entry_id), row(2, same=sold.entry_id)]
    first, second = record_rows(ports, PADARIA, "import-1", rows, workers=1)
    assert (first, second) == (RowResult("duplicate", sold.entry_id), UNDECIDED)
    assert record_rows(ports, PADARIA, "import-2", rows[1:]) == [UNDECIDED]
    assert recorded_rows(ports, "padaria", [(identity(2),)]) == [None]
    # Once it is decided that it is a new one, it is recorded.
    assert record_rows(ports, PADARIA, "import-1", [row(2)])[0].outcome == "created"


@pytest.mark.parametrize("import_id", ["import-1", "import-2"])
def test_claim_lost_after_the_read_is_reported(
    table: LedgerTable, ports: CommandPorts, sold: Entry, import_id: str
) -> None:
    faster = [row(2, same=sold.entry_id)]
    table.wire.twist(
        "TransactWriteItems", after(lambda: record_rows(ports, PADARIA, import_id, faster))
    )
    assert record_rows(ports, PADARIA, "import-1", [row(1, same=sold.entry_id)]) == [UNDECIDED]


def test_same_claim_twice_at_once_succeeds(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    rows = [row(1, same=sold.entry_id)]
    table.wire.twist(
        "TransactWriteItems",
        after(lambda: record_rows(ports, PADARIA, "import-1", rows)),
        lost_answer,
    )
    assert record_rows(ports, PADARIA, "import-2", rows) == [RowResult("duplicate", sold.entry_id)]
    assert len(table.items()) == 3


def test_row_created_meanwhile_claims_nothing(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    table.wire.twist(
        "TransactWriteItems", after(lambda: record_rows(ports, PADARIA, "import-2", [row(1)]))
    )
    (result,) = record_rows(ports, PADARIA, "import-1", [row(1, same=sold.entry_id)])
    assert (result.outcome, result.entry_id == sold.entry_id) == ("duplicate", False)
    assert candidates(ports, "padaria", [sold.entry_id])[sold.entry_id].is_free


def test_reversed_entry_cannot_be_claimed(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    rows = [row(1, same=sold.entry_id)]
    table.wire.twist(
        "TransactWriteItems",
        after(lambda: reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))),
    )
    assert record_rows(ports, PADARIA, "import-1", rows) == [UNDECIDED]
    reversal_id = reversal_id_of(sold.entry_id)
    assert record_rows(ports, PADARIA, "import-1", [row(1, same=reversal_id)]) == [UNDECIDED]
    assert recorded_rows(ports, "padaria", [(identity(1),)]) == [None]


def test_only_the_merchants_entries_are_candidates(ports: CommandPorts, sold: Entry) -> None:
    theirs = record(ports, RIVAL, sale("theirs")).entry.entry_id
    (imported,) = record_rows(ports, PADARIA, "import-1", [row(1)])
    own = str(imported.entry_id)
    known = candidates(ports, "padaria", [sold.entry_id, theirs, own, "a" * 32])
    assert known.keys() == {sold.entry_id, own}
    by_hand, by_file = known[sold.entry_id], known[own]
    assert (by_hand.entry, by_hand.import_id, by_hand.identity) == (sold, None, None)
    assert (by_file.import_id, by_file.identity) == ("import-1", identity(1))
    assert (by_hand.is_free, by_file.is_free) == (True, True)
    with pytest.raises(NotFoundError):
        record_rows(ports, PADARIA, "import-1", [row(2, same=theirs)])
