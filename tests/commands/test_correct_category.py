"""The category of an entry is corrected beside the entry, which stays as it was recorded."""

from functools import partial

import pytest

from chalicelib.commands.correct_category import correct_category
from chalicelib.commands.erase import erase
from chalicelib.commands.get_entry import CurrentEntry, get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, correction_id_of
from chalicelib.ledger.errors import LedgerUnavailableError, NotFoundError
from tests.commands.examples import PADARIA, RIVAL, SOLD, reversal
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer, unreachable
from tests.fixtures.threads import crowd


def category(ports: CommandPorts, entry: Entry) -> str | None:
    return get_entry(ports, "padaria", entry.entry_id).category


def test_correction_leaves_the_entry_as_recorded(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    before = table.items()
    for number, name in enumerate(("energy", None, "sales", "rent"), start=1):
        for _ in range(2):
            table.wire.calls.clear()
            current = correct_category(ports, PADARIA, sold.entry_id, name)
            assert (current.category, current.entry) == (name, sold)
        assert table.wire.calls == ["BatchGetItem"]  # a repeated request writes nothing
        assert current.correction and current.correction.number == number
        assert current.correction.corrected_by == "joana"
    assert category(ports, sold) == "rent"
    assert [item for item in table.items() if item["kind"]["S"] == "entry"] == before
    replay = record(ports, PADARIA, SOLD)
    assert (replay.replayed, replay.entry.category) == (True, "sales")
    assert len(table.items()) == 2


def test_recorded_category_needs_no_correction(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    assert correct_category(ports, PADARIA, sold.entry_id, "sales").correction is None
    assert len(table.items()) == 1


def test_only_own_entries_are_corrected(ports: CommandPorts, sold: Entry) -> None:
    correct_category(ports, PADARIA, sold.entry_id, "energy")
    unknown = ("a" * 32, "x", correction_id_of(sold.entry_id))
    for principal, entry_id in ((RIVAL, sold.entry_id), *((PADARIA, name) for name in unknown)):
        with pytest.raises(NotFoundError):
            correct_category(ports, principal, entry_id, "rent")
    assert category(ports, sold) == "energy"


def test_corrections_at_once_are_numbered(ports: CommandPorts, sold: Entry) -> None:
    names = [f"c-{turn}" for turn in range(8)]
    results = crowd(8, lambda turn: correct_category(ports, PADARIA, sold.entry_id, names[turn]))
    current = [result for result in results if isinstance(result, CurrentEntry)]
    numbers = [each.correction.number for each in current if each.correction]
    assert sorted(numbers) == list(range(1, 9))
    newest = get_entry(ports, "padaria", sold.entry_id)
    assert newest.category == names[numbers.index(8)]


def test_correction_in_between_is_an_earlier_one(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    other = partial(correct_category, ports, PADARIA, sold.entry_id)
    table.wire.twist("PutItem", after(partial(other, "rent")), after(partial(other, "fees")))
    current = correct_category(ports, PADARIA, sold.entry_id, "energy")
    assert current.correction and current.correction.number == 3
    assert category(ports, sold) == "energy"


def test_lost_response_corrects_once(table: LedgerTable, ports: CommandPorts, sold: Entry) -> None:
    table.wire.twist("PutItem", lost_answer)
    current = correct_category(ports, PADARIA, sold.entry_id, "energy")
    assert current.correction and current.correction.number == 1
    table.wire.twist("PutItem", *[unreachable] * 3)
    with pytest.raises(LedgerUnavailableError):
        correct_category(ports, PADARIA, sold.entry_id, "rent")
    assert category(ports, sold) == "energy"


def test_reversal_takes_the_current_category(ports: CommandPorts, sold: Entry) -> None:
    correct_category(ports, PADARIA, sold.entry_id, "energy")
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "undo")).entry
    assert undone.category == "energy"
    correct_category(ports, PADARIA, undone.entry_id, "rent")
    assert (category(ports, sold), category(ports, undone)) == ("energy", "rent")
    again = reverse(ports, PADARIA, reversal(sold.entry_id, "undo"))
    assert (again.replayed, again.entry) == (True, undone)


def test_erasure_keeps_the_category(ports: CommandPorts, sold: Entry) -> None:
    correct_category(ports, PADARIA, sold.entry_id, "energy")
    erase(ports, PADARIA, sold.entry_id, "erase")
    assert category(ports, sold) == "energy"
    assert correct_category(ports, PADARIA, sold.entry_id, "rent").category == "rent"
