"""The tie-out names the difference to the bank, and the first day that has it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.bank_files.bank_file import Calendar
from chalicelib.bank_files.reader import read
from chalicelib.importing.bank_import import TieOut
from chalicelib.importing.create import ImportRequest, create
from chalicelib.importing.tie_out import BookDays, compare, file_balances
from tests.bank_files.examples import CALENDAR, ofx, transaction
from tests.importing.memory_book import JOANA
from tests.importing.world import World

ROWS = (
    transaction("20261005", "-10.00", "1", "A")
    + transaction("20261006", "25.00", "2", "B")
    + transaction("20261007", "7.00", "3", "C")
)
BALANCE = "<LEDGERBAL><BALAMT>122.00<DTASOF>20261008</LEDGERBAL>"
FILE = ofx(ROWS, balance=BALANCE)
INTER = (
    "Extrato Conta Corrente\nConta ;1\nPeríodo ;01/10/2026 a 31/10/2026\nSaldo: ;22,00\n\n"
    "Data Lançamento;Histórico;Descrição;Valor;Saldo\n{}"
)


def balances_of(text: str, calendar: Calendar = CALENDAR) -> Any:
    (statement,) = read(text.encode(), calendar).statements
    return file_balances(statement)


def oct(day: int) -> date:
    return date(2026, 10, day)


def test_file_balances_run_from_opening_to_closing() -> None:
    file = balances_of(FILE)
    assert (file.first, file.closing_day, file.opening_minor) == (oct(5), oct(8), 10_000)
    assert file.days == ((oct(5), 9_000), (oct(6), 11_500), (oct(7), 12_200), (oct(8), 12_200))


@pytest.mark.parametrize(
    ("opening", "changes", "expected"),
    [
        (10_000, {5: -1_000, 6: 2_500, 7: 700}, TieOut(12_200, 12_200, None, None)),
        (10_000, {5: -1_000, 7: 700}, TieOut(12_200, 9_700, oct(6), None)),
        (10_000, {5: -1_000, 6: 2_500, 7: 700, 8: 5}, TieOut(12_200, 12_205, oct(8), None)),
        (9_000, {5: -1_000, 6: 2_500, 7: 700}, TieOut(12_200, 11_200, oct(5), None)),
        # They differ before the file, agree on its first day, and differ again.
        (9_000, {5: 0, 6: 2_500, 7: 700, 8: 5}, TieOut(12_200, 12_205, oct(5), None)),
        # The same at the end, although one row is a day late in the book.
        (10_000, {5: -1_000, 7: 3_200}, TieOut(12_200, 12_200, None, None)),
    ],
)
def test_first_differing_day_is_named(
    opening: int, changes: dict[int, int], expected: TieOut
) -> None:
    book = BookDays(opening, True, {oct(day): minor for day, minor in changes.items()})
    assert compare(balances_of(FILE), book) == expected


def test_missing_opening_is_the_difference() -> None:
    book = BookDays(0, False, {})
    added = {oct(5): -1_000, oct(6): 2_500, oct(7): 700}
    tie_out = compare(balances_of(FILE), book, added)
    assert (tie_out.difference_minor, tie_out.opening_missing_minor) == (10_000, 10_000)


@pytest.mark.parametrize("order", [1, -1])
def test_stated_balances_find_a_missing_row(order: int) -> None:
    # The row of 6 October is missing, but the balances of the others include it.
    lines = ["05/10/2026;Pix;A;-10,00;90,00", "07/10/2026;Pix;C;7,00;122,00"]
    file = balances_of(INTER.format("\n".join(lines[::order])))
    assert file.opening_minor == 10_000
    book = BookDays(10_000, True, {})
    assert compare(file, book, {oct(5): -1_000, oct(7): 700}).parted_on == oct(7)


def test_a_preview_counts_rows_of_its_account() -> None:
    world = World()
    world.book.by_hand(oct(4), 10_000)
    stored = world.preview(FILE)
    assert stored.statements[0].tie_out == TieOut(12_200, 12_200, None, None)
    world.book.by_hand(oct(6), 1)
    assert world.preview(FILE).statements[0].tie_out == TieOut(12_200, 12_201, oct(6), None)


def test_opening_of_an_account_is_missing_once() -> None:
    first = ofx(transaction("20261005", "-10.00", "1"), balance=BALANCE.replace("08<", "05<"))
    second = ofx(transaction("20261006", "25.00", "2"), balance=BALANCE.replace("122", "147"))
    request = ImportRequest(f"{first}{second}".encode())
    ports = replace(World().ports(), mapped_accounts=lambda _: {"1": "bb"})
    stored = create(ports, JOANA.merchant_id, request, None, lambda name: name).created
    assert [each.tie_out for each in stored.statements] == [
        TieOut(12_200, -1_000, oct(5), 13_200),
        TieOut(14_700, 1_500, oct(6), None),
    ]
