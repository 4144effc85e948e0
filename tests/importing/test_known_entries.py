"""A recording begins only if no entry was recorded since its preview that may be a row."""

from datetime import date

import pytest

from chalicelib.ledger.errors import ConflictError
from tests.bank_files.examples import ofx, transaction
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


def test_entry_by_hand_since_the_preview_stops() -> None:
    world = World()
    stored = world.preview(OFX)
    world.book.by_hand(date(2026, 10, 8), 2500)
    with pytest.raises(ConflictError, match="row 1"):
        world.record(stored)


def test_same_format_and_other_amounts_are_recorded() -> None:
    world = World()
    stored, other = world.preview(OFX), world.preview(ofx(transaction("20261006", "25.00", "2")))
    world.book.by_hand(DAY, 2501)
    assert world.record(other).status == world.record(stored).status == "recorded"
