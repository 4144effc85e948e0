"""Rows of bank files are recorded once, by any number of people and requests."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.commands.bank_rows import RecordedRow, RowResult, record_rows, recorded_rows
from chalicelib.commands.erase import erase
from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.imported_entries import imported_entry_id
from infrastructure.cost.capacity import write_units
from tests.commands.bank_rows import identity, row
from tests.commands.examples import NOON, PADARIA, RIVAL, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer, unreachable
from tests.fixtures.threads import crowd

ROWS = [row(number) for number in range(1, 4)]
IDS = [imported_entry_id("padaria", identity(number), 1) for number in range(1, 4)]


def test_rows_become_entries(table: LedgerTable, ports: CommandPorts) -> None:
    results = record_rows(ports, PADARIA, "import-1", ROWS, workers=1)
    assert results == [RowResult("created", entry_id) for entry_id in IDS]
    assert table.wire.calls == ["BatchGetItem", *["PutItem"] * 3]
    entry = get_entry(ports, "padaria", IDS[1]).entry
    assert (entry.type, entry.amount_minor, entry.day) == ("debit", 200, date(2026, 10, 2))
    assert (entry.account, entry.description, entry.recorded_by) == ("bb", "PIX 2", "joana")
    assert entry.metadata == {"import": "import-1"}
    (item,) = (item for item in table.items() if item["entry_id"]["S"] == IDS[1])
    assert (item["import_id"], item["identity"]) == ({"S": "import-1"}, {"S": identity(2)})
    assert write_units(item) == 2


def test_another_import_finds_duplicates(ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:2])
    results = record_rows(ports, PADARIA, "import-2", ROWS)
    assert [result.outcome for result in results] == ["duplicate", "duplicate", "created"]
    assert [result.entry_id for result in results] == IDS
    assert recorded_rows(ports, "padaria", [(identity(2),), (identity(3),), (identity(4),)]) == [
        RecordedRow(IDS[1], "import-1", is_claim=False),
        RecordedRow(IDS[2], "import-2", is_claim=False),
        None,
    ]
    assert recorded_rows(ports, "rival", [(identity(2),)]) == [None]
    assert record_rows(ports, RIVAL, "import-1", ROWS[:1])[0].outcome == "created"


def test_only_the_identity_distinguishes_rows(ports: CommandPorts) -> None:
    # Two people may have different rules, so that the same row has different categories.
    record_rows(ports, PADARIA, "import-1", [row(1, category="fees")])
    (again,) = record_rows(ports, PADARIA, "import-2", [row(1, category="energy")])
    assert again == RowResult("duplicate", IDS[0])
    assert get_entry(ports, "padaria", IDS[0]).entry.category == "fees"


def test_identity_as_a_key_is_another_entry(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale(identity(1))).entry
    (result,) = record_rows(ports, PADARIA, "import-1", ROWS[:1])
    assert (result.outcome, sold.entry_id in IDS) == ("created", False)


def test_older_versions_of_identities_are_tried(ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    newer = replace(ROWS[0], identities=("n" * 43, identity(1)))
    assert recorded_rows(ports, "padaria", [newer.identities, ("n" * 43,)]) == [
        RecordedRow(IDS[0], "import-1", is_claim=False),
        None,
    ]
    assert record_rows(ports, PADARIA, "import-2", [newer]) == [RowResult("duplicate", IDS[0])]


def test_erased_entry_remains_a_duplicate(ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    erase(ports, PADARIA, IDS[0], "e1")
    assert get_entry(ports, "padaria", IDS[0]).entry.metadata == {}
    expected = RecordedRow(IDS[0], "import-1", is_claim=False)
    assert recorded_rows(ports, "padaria", [(identity(1),)]) == [expected]
    assert record_rows(ports, PADARIA, "import-1", ROWS[:1]) == [RowResult("created", IDS[0])]


def test_rows_over_five_years_old_are_refused(table: LedgerTable, ports: CommandPorts) -> None:
    old = [row(1, day=date(2021, 11, 24)), row(2, day=date(2021, 11, 23))]
    recorded, refused = record_rows(ports, PADARIA, "import-1", old)
    assert recorded.outcome == "created"
    assert refused == RowResult("refused", None, "occurred_at must be at most 5 years in the past.")
    later = ports_over(table, now=NOON + timedelta(days=400))
    assert record_rows(later, PADARIA, "import-1", old)[0] == recorded
    assert len(table.items()) == 1


@pytest.mark.parametrize("fault", [unreachable, lost_answer])
def test_interrupted_recording_continues(table: LedgerTable, fault: object) -> None:
    failing = ports_over(table, client=table.client_of_one_try())
    table.wire.twist("PutItem", lambda deliver: deliver(), fault)  # type: ignore[arg-type]
    with pytest.raises(LedgerUnavailableError):
        record_rows(failing, PADARIA, "import-1", ROWS, workers=1)
    results = record_rows(failing, PADARIA, "import-1", ROWS)
    assert results == [RowResult("created", entry_id) for entry_id in IDS]
    assert len(table.items()) == 3


def test_two_people_create_each_entry_once(table: LedgerTable, ports: CommandPorts) -> None:
    rows = [row(number) for number in range(1, 21)]
    requests = [("import-1", rows), ("import-2", rows[::-1])] * 2
    outcomes = crowd(4, lambda turn: record_rows(ports, PADARIA, *requests[turn], workers=4))
    results = [result for outcome in outcomes if isinstance(outcome, list) for result in outcome]
    assert len(results) == 80
    assert len(table.items()) == 20
    created = {result.entry_id for result in results if result.outcome == "created"}
    assert len(created) == 20


def test_row_recorded_after_the_read_is_found(table: LedgerTable, ports: CommandPorts) -> None:
    table.wire.twist(
        "PutItem", after(lambda: record_rows(ports, PADARIA, "import-2", ROWS[:1], workers=1))
    )
    (result,) = record_rows(ports, PADARIA, "import-1", ROWS[:1], workers=1)
    assert result == RowResult("duplicate", IDS[0])
