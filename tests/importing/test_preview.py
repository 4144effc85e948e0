"""What becomes of a row: duplicates, candidates, refusals and decisions."""

from datetime import date

import pytest

from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.importing.bank_import import Decision
from chalicelib.importing.decisions import RowDecision, merged
from chalicelib.importing.file_rows import TOO_OLD
from chalicelib.importing.preview import CLAIMED_BEFORE, OF_THIS_BOOK
from chalicelib.importing.preview_row import PreviewRow
from chalicelib.importing.rows import rows_after
from chalicelib.ledger.errors import ValidationError
from tests.bank_files.examples import ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.world import World

DAY = date(2026, 10, 6)


def shown(world: World, content: str, mapping: ColumnMapping | None = None) -> list[PreviewRow]:
    stored = world.preview(content, mapping=mapping)
    rows, more = rows_after(world.ports(), JOANA.merchant_id, stored, 0, 1000)
    assert not more
    return [each.row for each in rows]


@pytest.mark.parametrize(
    ("day", "minor", "account", "is_candidate"),
    [
        (DAY, 2500, "bb", True),
        (date(2026, 10, 3), 2500, "bb", True),
        (date(2026, 10, 9), 2500, "bb", True),
        (date(2026, 10, 2), 2500, "bb", False),
        (date(2026, 10, 10), 2500, "bb", False),
        (DAY, -2500, "bb", False),
        (DAY, 2501, "bb", False),
        (DAY, 2500, "till", False),
    ],
)
def test_manual_entries_near_a_row_are_candidates(
    day: date, minor: int, account: str, is_candidate: bool
) -> None:
    world = World()
    entry = world.book.by_hand(day, minor, account)
    (row,) = shown(world, ofx(transaction("20261006", "25.00", "1")))
    assert row.outcome == ("needs_decision" if is_candidate else "created")
    assert [each.entry_id for each in row.candidates] == ([entry.entry_id] if is_candidate else [])


def test_reversed_entries_are_no_candidates() -> None:
    world = World()
    world.book.reverse(world.book.by_hand(DAY, 2500))
    rows = ofx(transaction("20261006", "25.00", "1") + transaction("20261006", "-25.00", "2"))
    assert [row.outcome for row in shown(world, rows)] == ["created", "created"]


def test_another_format_asks_on_the_same_day() -> None:
    world = World()
    world.record(world.preview(ofx(transaction("20261006", "25.00", "1", "PIX"))))
    table = "Data,Valor,Identificador,Descrição\n06/10/2026,25.00,x,Pix\n07/10/2026,25.00,y,Pix\n"
    same_day, next_day = shown(world, table)
    assert (same_day.outcome, next_day.outcome) == ("needs_decision", "created")
    # The same format is another purchase, unless it also has the same text.
    (row,) = shown(world, ofx(transaction("20261006", "25.00", "2", "PIX ANA")))
    assert row.outcome == "created"
    (row,) = shown(world, ofx(transaction("20261006", "25.00", "2", "PIX")))
    assert (row.outcome, len(row.candidates)) == ("needs_decision", 1)


def test_own_entries_are_duplicates_by_their_id() -> None:
    world = World()
    entry = world.book.by_hand(DAY, 2500)
    right = transaction("20261006", "25.00", entry.entry_id)
    other_amount = transaction("20261006", "25.01", entry.entry_id)
    other_day = transaction("20261007", "25.00", entry.entry_id)
    first, second, third = shown(world, ofx(right + other_amount + other_day))
    assert (first.outcome, first.reason, first.entry_id) == (
        "duplicate", OF_THIS_BOOK, entry.entry_id,
    )  # fmt: skip
    assert (second.outcome, third.outcome) == ("created", "needs_decision")


def test_rows_of_six_years_ago_are_refused() -> None:
    rows = transaction("20201128", "1.00", "1") + transaction("20211130", "1.00", "2")
    old, young = shown(World(), ofx(rows))
    assert (old.outcome, old.reason, young.outcome) == ("refused", TOO_OLD, "created")


def test_long_texts_are_cut_in_rows() -> None:
    (row,) = shown(World(), ofx(transaction("20261006", "1.00", "9" * 300, "A" * 5000)))
    assert (len(row.bank_id or ""), len(row.description or "")) == (200, 200)


def test_all_wrong_decisions_are_named() -> None:
    candidates = {1: ("a",), 2: ("a", "b")}
    current = {1: Decision("same", "a")}
    assert merged(current, [RowDecision(1, "new", None)], candidates) == {1: Decision("new")}
    wrong = [
        RowDecision(9, "new", None),
        RowDecision(1, "same", "b"),
        RowDecision(2, "new", "b"),
        RowDecision(2, "same", None),
    ]
    with pytest.raises(ValidationError) as raised:
        merged({}, wrong, candidates)
    assert [each.field for each in raised.value.field_errors] == [
        "decisions.0.row", "decisions.1.entry", "decisions.2.entry", "decisions.3.entry",
    ]  # fmt: skip
    with pytest.raises(ValidationError, match="not valid"):
        merged(current, [RowDecision(2, "same", "a")], candidates)


def test_claimed_entry_asks_in_another_format() -> None:
    world = World()
    world.book.by_hand(DAY, -1000)
    stored = world.preview(ofx(transaction("20261006", "-10.00", "1", "PIX")))
    world.decide_same(stored, 1)
    world.record(stored)
    table = "Data,Valor,Identificador,Descrição\n06/10/2026,-10.00,x,Pix\n"
    (row,) = shown(world, table)
    assert (row.outcome, row.reason, row.candidates) == ("needs_decision", CLAIMED_BEFORE, ())
    # In the same format it is another purchase.
    (row,) = shown(world, ofx(transaction("20261006", "-10.00", "2", "PIX")))
    assert row.outcome == "created"


def test_each_of_many_equal_rows_offers_another_entry() -> None:
    world = World()
    entries = [world.book.by_hand(DAY, 2500).entry_id for _ in range(12)]
    rows = shown(world, ofx("".join(transaction("20261006", "25.00", str(n)) for n in range(12))))
    assert {len(row.candidates) for row in rows} == {10}
    assert {each.entry_id for row in rows for each in row.candidates} == set(entries)
    first = [row.candidates[0].entry_id for row in rows]
    assert len(set(first[:3])) == 3


def test_same_table_with_other_columns_asks() -> None:
    world = World()
    table = "dia;texto;mais;total\n06/10/2026;Pix;A17;25,00\n"
    narrow, wide = (ColumnMapping("dia", text, "total") for text in (("texto",), ("texto", "mais")))
    world.record(world.preview(table, mapping=narrow))
    (same,) = shown(world, table, narrow)
    assert same.outcome == "duplicate"
    (other,) = shown(world, table, wide)
    assert (other.outcome, len(other.candidates)) == ("needs_decision", 1)
