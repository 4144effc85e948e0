"""Undoing an import: on each entry's own day, once, and then its rows are new again."""

from datetime import date, timedelta

import pytest

from chalicelib.commands.bank_rows import RowResult, record_rows, recorded_rows
from chalicelib.commands.claims import candidates
from chalicelib.commands.correct_category import correct_category
from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.reverse import reverse
from chalicelib.commands.undo_import import UndoCounts, begin_undo, finish_undo, undo_rows
from chalicelib.ledger.entries import Entry, reversal_id_of
from chalicelib.ledger.errors import AlreadyReversedError, ConflictError, LedgerUnavailableError
from chalicelib.ledger.imported_entries import imported_entry_id
from infrastructure.cost.capacity import write_units
from tests.commands.bank_rows import identity, row
from tests.commands.examples import NOON, PADARIA, ports_over, reversal
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer, unreachable

ROWS = [row(number) for number in range(1, 4)]
IDENTITIES = [(identity(number),) for number in range(1, 4)]


def entry_ids(generation: int = 1) -> list[str]:
    return [imported_entry_id("padaria", *identities, generation) for identities in IDENTITIES]


def undo(ports: CommandPorts, import_id: str = "import-1") -> UndoCounts:
    begin_undo(ports, PADARIA, import_id)
    counts = undo_rows(ports, PADARIA, import_id, IDENTITIES, "Arquivo errado")
    finish_undo(ports, PADARIA, import_id)
    return counts


def balance(table: LedgerTable) -> int:
    """Return the sum of all entries in minor units."""
    entries = [item for item in table.items() if item["kind"]["S"] == "entry"]
    signs = {"credit": 1, "debit": -1}
    return sum(signs[item["type"]["S"]] * int(item["amount_minor"]["N"]) for item in entries)


def test_undo_takes_the_current_category(ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS)
    correct_category(ports, PADARIA, entry_ids()[0], "energy")
    undo(ports)
    undone = get_entry(ports, "padaria", reversal_id_of(entry_ids()[0])).entry
    assert undone.category == "energy"


def test_undo_reverses_on_the_entries_days(table: LedgerTable, ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS)
    later = ports_over(table, now=NOON + timedelta(days=366 * 7))
    assert undo(later) == UndoCounts(reversed=3, already_reversed=0)
    original = get_entry(later, "padaria", entry_ids()[0])
    assert original.reversed_by == reversal_id_of(entry_ids()[0])
    undone = get_entry(later, "padaria", str(original.reversed_by)).entry
    assert (undone.day, undone.occurred_at) == (date(2026, 10, 2), original.entry.occurred_at)
    assert (undone.type, undone.amount_minor, undone.description) == (
        "credit",
        100,
        "Arquivo errado",
    )
    assert (undone.reverses, undone.recorded_by) == (entry_ids()[0], "joana")
    assert balance(table) == 0
    (item,) = (item for item in table.items() if item["entry_id"]["S"] == undone.entry_id)
    assert write_units(item) == 2
    with pytest.raises(AlreadyReversedError):
        reverse(later, PADARIA, reversal(entry_ids()[0], "r1"))


def test_entries_reversed_by_hand_are_skipped(table: LedgerTable, ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS)
    reverse(ports, PADARIA, reversal(entry_ids()[1], "r1"))
    for _ in range(2):
        assert undo(ports) == UndoCounts(reversed=2, already_reversed=1)
    assert balance(table) == 0
    # The row that was reversed by hand remains a duplicate.
    results = record_rows(ports, PADARIA, "import-2", ROWS)
    assert results == [
        RowResult("created", entry_ids(2)[0]),
        RowResult("duplicate", entry_ids()[1]),
        RowResult("created", entry_ids(2)[2]),
    ]


def test_rows_are_duplicates_until_the_end(ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS)
    begin_undo(ports, PADARIA, "import-1")
    undo_rows(ports, PADARIA, "import-1", IDENTITIES, "Arquivo errado")
    assert [each is None for each in recorded_rows(ports, "padaria", IDENTITIES)] == [False] * 3
    outcomes = [each.outcome for each in record_rows(ports, PADARIA, "import-2", ROWS)]
    assert outcomes == ["duplicate"] * 3
    finish_undo(ports, PADARIA, "import-1")
    assert recorded_rows(ports, "padaria", IDENTITIES) == [None] * 3


def test_import_again_gives_the_same_balance(table: LedgerTable, ports: CommandPorts) -> None:
    for turn in range(1, 5):
        import_id = f"import-{turn}"
        results = record_rows(ports, PADARIA, import_id, ROWS)
        assert results == [RowResult("created", entry_id) for entry_id in entry_ids(turn)]
        assert record_rows(ports, PADARIA, import_id, ROWS) == results
        assert balance(table) == -600
        assert undo(ports, import_id) == UndoCounts(reversed=3, already_reversed=0)
        assert balance(table) == 0
    # An earlier import, recorded again by a late request, finds its own entries.
    again = record_rows(ports, PADARIA, "import-2", ROWS)
    assert again == [RowResult("created", entry_id) for entry_id in entry_ids(2)]


def test_rows_recorded_meanwhile_are_duplicates(table: LedgerTable, ports: CommandPorts) -> None:
    rows = [row(number) for number in range(1, 13)]
    record_rows(ports, PADARIA, "import-1", rows)
    begin_undo(ports, PADARIA, "import-1")
    undo_rows(ports, PADARIA, "import-1", [row.identities for row in rows], "Arquivo errado")
    finish_undo(ports, PADARIA, "import-1")
    table.wire.twist(
        "TransactWriteItems",
        after(lambda: record_rows(ports, PADARIA, "import-3", rows[4:6])),
        lost_answer,
    )
    outcomes = [each.outcome for each in record_rows(ports, PADARIA, "import-2", rows)]
    assert outcomes == ["created"] * 4 + ["duplicate"] * 2 + ["created"] * 6
    assert balance(table) == -sum(range(1, 13)) * 100


@pytest.mark.parametrize("fault", [unreachable, lost_answer])
def test_interrupted_undo_continues(table: LedgerTable, ports: CommandPorts, fault: object) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS)
    begin_undo(ports, PADARIA, "import-1")
    failing = ports_over(table, client=table.client_of_one_try())
    table.wire.twist("PutItem", lambda deliver: deliver(), fault)  # type: ignore[arg-type]
    with pytest.raises(LedgerUnavailableError):
        undo_rows(failing, PADARIA, "import-1", IDENTITIES, "Arquivo errado", workers=1)
    assert undo(ports) == UndoCounts(reversed=3, already_reversed=0)
    assert balance(table) == 0


def test_reversal_by_hand_may_be_faster(table: LedgerTable, ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    table.wire.twist(
        "PutItem",
        lambda deliver: deliver(),
        after(lambda: reverse(ports, PADARIA, reversal(entry_ids()[0], "r1"))),
    )
    assert undo(ports) == UndoCounts(reversed=0, already_reversed=1)
    assert balance(table) == 0


def test_undo_may_be_faster_than_a_reversal(table: LedgerTable, ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    table.wire.twist("TransactWriteItems", after(lambda: undo(ports)))
    with pytest.raises(AlreadyReversedError):
        reverse(ports, PADARIA, reversal(entry_ids()[0], "r1"))
    assert recorded_rows(ports, "padaria", IDENTITIES[:1]) == [None]


def test_undo_releases_claims(ports: CommandPorts, sold: Entry) -> None:
    rows = [row(1, same=sold.entry_id), row(2)]
    record_rows(ports, PADARIA, "import-1", rows)
    assert not candidates(ports, "padaria", [sold.entry_id])[sold.entry_id].is_free
    assert undo(ports) == UndoCounts(reversed=1, already_reversed=0)
    assert candidates(ports, "padaria", [sold.entry_id])[sold.entry_id].is_free
    assert recorded_rows(ports, "padaria", IDENTITIES[:1]) == [None]
    # Another row may claim it now, and the first one may be an entry.
    again = record_rows(ports, PADARIA, "import-2", [row(1), row(3, same=sold.entry_id)])
    assert again == [
        RowResult("created", entry_ids(2)[0]),
        RowResult("duplicate", sold.entry_id),
    ]
    assert not candidates(ports, "padaria", [sold.entry_id])[sold.entry_id].is_free
    third = record_rows(ports, PADARIA, "import-3", [row(4, same=sold.entry_id)])
    assert third == [RowResult("needs_decision")]


@pytest.mark.parametrize("recorded_by", ["import-2", "import-3"])
def test_undo_ends_claims_of_its_entries(
    table: LedgerTable, ports: CommandPorts, recorded_by: str
) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    claiming = [row(4, same=entry_ids()[0])]
    assert record_rows(ports, PADARIA, "import-2", claiming)[0].outcome == "duplicate"
    assert recorded_rows(ports, "padaria", [(identity(4),)]) != [None]
    undo(ports)
    # The row of the other file is the only one that still says what happened.
    assert recorded_rows(ports, "padaria", [(identity(4),)]) == [None]
    assert record_rows(ports, PADARIA, "import-2", claiming) == [RowResult("needs_decision")]
    created = RowResult("created", imported_entry_id("padaria", identity(4), 2))
    for _ in range(2):
        assert record_rows(ports, PADARIA, recorded_by, [row(4)]) == [created]
    assert balance(table) == -400
    begin_undo(ports, PADARIA, recorded_by)
    undone = undo_rows(ports, PADARIA, recorded_by, [(identity(4),)], "Arquivo errado")
    assert (undone, balance(table)) == (UndoCounts(reversed=1, already_reversed=0), 0)


def test_late_request_claims_nothing_again(table: LedgerTable, ports: CommandPorts) -> None:
    # Its own undo has ended the claim; that of the entry's import has not.
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    claiming = [row(4, same=entry_ids()[0])]
    claimed = record_rows(ports, PADARIA, "import-2", claiming)
    finish_undo(ports, PADARIA, "import-2")
    items = len(table.items())
    assert record_rows(ports, PADARIA, "import-2", claiming) == claimed
    assert len(table.items()) == items


def test_reversal_by_hand_ends_no_claim(ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    record_rows(ports, PADARIA, "import-2", [row(4, same=entry_ids()[0])])
    reverse(ports, PADARIA, reversal(entry_ids()[0], "r1"))
    undo(ports)
    assert recorded_rows(ports, "padaria", [(identity(4),)]) != [None]


def test_entries_of_other_imports_stay(table: LedgerTable, ports: CommandPorts) -> None:
    record_rows(ports, PADARIA, "import-1", ROWS[:2])
    record_rows(ports, PADARIA, "import-2", ROWS)
    assert undo(ports, "import-2") == UndoCounts(reversed=1, already_reversed=0)
    assert balance(table) == -300


def test_late_request_begins_no_generation(table: LedgerTable, ports: CommandPorts) -> None:
    # While a slow request records import-2, a faster one has finished it: its rows were duplicates.
    record_rows(ports, PADARIA, "import-1", ROWS[:1])
    assert record_rows(ports, PADARIA, "import-2", ROWS[:1])[0].outcome == "duplicate"
    undo(ports, "import-1")
    table.wire.twist("TransactWriteItems", after(lambda: undo(ports, "import-2")))
    with pytest.raises(ConflictError) as raised:
        record_rows(ports, PADARIA, "import-2", ROWS[:1])
    assert raised.value.extensions == {"conflict": {"reason": "undoing", "shown": ""}}
    assert balance(table) == 0
