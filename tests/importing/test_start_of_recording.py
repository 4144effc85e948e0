"""A recording is started in several requests, and writes only decisions that are not stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.decide import decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.recording import record
from tests.bank_files.examples import ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.memory_stores import MemoryTable
from tests.importing.world import World

ROWS = 1_200
DAY = date(2026, 10, 6)


class CountingTable(MemoryTable):
    """Counts the values that are put."""

    def __init__(self, stored: MemoryTable) -> None:
        super().__init__()
        self.values, self.written = stored.values, 0

    def put(self, merchant_id: str, values: Mapping[str, Any]) -> None:
        self.written += len(values)
        super().put(merchant_id, values)


def possible_doubles() -> tuple[World, BankImport, ImportPorts, CountingTable]:
    """Return an import of which each row has the amount of an entry that was recorded by hand."""
    world = World()
    for number in range(ROWS):
        world.book.by_hand(DAY, 1000 + number)
    rows = [
        transaction("20261006", f"{10 + number / 100:.2f}", str(number), "PIX")
        for number in range(ROWS)
    ]
    stored = world.preview(ofx("".join(rows)))
    assert stored.count("needs_decision") == ROWS
    table = CountingTable(world.table)
    return world, stored, replace(world.ports(), table=table), table


def decide_new(ports: ImportPorts, stored: BankImport, rows: Sequence[int]) -> None:
    new = [RowDecision(row, "new", None) for row in rows]
    decide(ports, JOANA.merchant_id, stored.import_id, new)


def test_each_decision_is_written_once() -> None:
    _, stored, ports, table = possible_doubles()
    written = []
    for start in range(1, ROWS + 1, 400):
        before = table.written
        decide_new(ports, stored, range(start, start + 400))
        written.append(table.written - before)
    assert written == [400, 400, 400]
    before = table.written
    record(ports, JOANA, stored.import_id, lambda: False)
    assert table.written - before == 2  # the names of the decisions, for an undo


def test_start_without_time_is_resumed() -> None:
    world, stored, ports, table = possible_doubles()
    decide_new(ports, stored, range(1, ROWS + 1))
    decisions = [name for name in table.values if name[1].startswith("decision#")]
    table.delete(JOANA.merchant_id, [name for _, name in decisions])  # as if killed before
    states = []
    for _ in count():
        before = table.written
        assert record(ports, JOANA, stored.import_id, lambda: False).status == "recording"
        planned = world.imports()[0].planned
        states.append((planned, table.written - before))
        if planned:
            break
    assert states == [("", 502), ("", 500), ("222", 200)]
    assert [name for name in table.values if name[1].startswith("decision#")] == decisions
    assert world.record(stored).count("created") == ROWS
