"""A recording begins only if no entry was recorded since its preview that may be a row."""

from datetime import date
from typing import Any

import pytest

from chalicelib.importing import known_entries, stored_rows
from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.decide import decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.importing.file_rows import MovementKey
from chalicelib.importing.preview import IMPORTED_BEFORE
from chalicelib.importing.preview_row import PreviewRow
from chalicelib.importing.rows import rows_after
from chalicelib.importing.stored_rows import read_page
from chalicelib.ledger.errors import ConflictError
from tests.bank_files.examples import ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.world import World

DAY = date(2026, 10, 6)
OFX = ofx(transaction("20261006", "25.00", "1", "PIX"))
CSV = "Data,Valor,Identificador,Descrição\n06/10/2026,25.00,x,Pix\n"


def test_two_formats_previewed_first_double_nothing() -> None:
    world = World()
    bank, table = world.preview(OFX), world.preview(CSV)
    world.record(bank)
    with pytest.raises(ConflictError, match=r"may be the same as row 1; import the file again"):
        world.record(table)
    assert list(world.book.balances().values()) == [2500]
    assert world.preview(CSV).count("needs_decision") == 1


def test_only_rows_with_the_entrys_text_are_named() -> None:
    world = World()
    texts = transaction("20261006", "25.00", "7", "PIX") + transaction(
        "20261006", "25.00", "8", "B"
    )
    again = world.preview(ofx(texts))
    world.record(world.preview(OFX))
    with pytest.raises(ConflictError, match=r"may be the same as row 1; import"):
        world.record(again)


def test_few_pages_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(stored_rows, "PAGE_ROWS", 1)
    rows = "".join(transaction("20261006", f"{number}.00", f"{number}") for number in range(1, 31))
    stored = world.preview(ofx(rows))
    read: list[int] = []

    def key(current: BankImport, row: PreviewRow) -> MovementKey:
        assert len(read) <= row.row + 16
        return movement_key_of(current, row)

    def page(*arguments: Any) -> Any:
        read.append(1)
        return read_page(*arguments)

    movement_key_of = known_entries._key
    monkeypatch.setattr(known_entries, "_key", key)
    monkeypatch.setattr(known_entries, "read_page", page)
    assert (world.record(stored).count("created"), len(read)) == (30, 30)


def test_entry_by_hand_since_the_preview_stops() -> None:
    world = World()
    stored = world.preview(OFX)
    world.book.by_hand(date(2026, 10, 8), 2500)
    with pytest.raises(ConflictError, match="row 1"):
        world.record(stored)


def test_same_format_and_other_amounts_are_recorded() -> None:
    world = World()
    other = world.preview(ofx(transaction("20261006", "25.00", "2", "TED")))
    stored = world.preview(OFX)
    world.book.by_hand(DAY, 2501)
    assert world.record(other).status == world.record(stored).status == "recorded"


def test_new_ids_of_a_bank_double_nothing() -> None:
    # Bradesco makes other ids each time that it writes a file.
    world = World()
    first, again = (world.preview(ofx(two_rows(*ids))) for ids in (("1", "2"), ("7", "8")))
    same = world.preview(ofx(two_rows("1", "2")))
    world.record(first)
    assert world.record(same).count("duplicate") == 2
    with pytest.raises(ConflictError, match="the same as row 1, 2;"):
        world.record(again)
    again = world.preview(ofx(two_rows("7", "8")))
    assert again.count("needs_decision") == 2
    world.decide_same(again, 1)
    decide(world.ports(), JOANA.merchant_id, again.import_id, [RowDecision(2, "new", None)])
    world.record(again)
    assert list(world.book.balances().values()) == [7500]
    # One of its three entries is claimed already, and the third file may be all of them.
    third = world.preview(ofx(two_rows("8", "9")))
    assert (third.count("duplicate"), third.count("needs_decision")) == (1, 1)


def two_rows(*ids: str) -> str:
    return "".join(transaction("20261006", "25.00", bank_id) for bank_id in ids)


def test_equal_rows_of_a_longer_file_are_new() -> None:
    world = World()
    world.record(world.preview(ofx(two_rows("1"))))
    longer = world.preview(ofx(two_rows("1", "2")))
    assert (longer.count("duplicate"), longer.count("created")) == (1, 1)


def test_row_recorded_since_the_preview_is_explained() -> None:
    world = World()
    first, second = world.preview(OFX), world.preview(OFX)
    world.record(first)
    world.record(second)
    (shown,), _ = rows_after(world.ports(), JOANA.merchant_id, world.imports()[0], 0, 9)
    assert (shown.row.outcome, shown.row.reason) == ("duplicate", IMPORTED_BEFORE)
