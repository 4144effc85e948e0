"""The actions of merchants who import bank files; each takes the context and a random source."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.ledger.imported_entries import ImportedRow
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.importers import BankRow, Import
from verification.simulation.new_requests import about
from verification.simulation.request_log import Request


def import_file(context: Context, chance: random.Random) -> None:
    """A person imports a file, which has new rows of the bank and some of those before."""
    merchant_id = chance.choice(MERCHANTS)
    for _ in range(chance.choice((0, 1, 2, 5))):
        context.importers.rows.append(new_row(context, chance, merchant_id))
    rows = context.importers.rows_of(merchant_id)
    piece = rows[chance.choice((0, 0, len(rows) // 2)) :]
    if piece:
        _start_recording(context, chance, merchant_id, piece)


def import_again(context: Context, chance: random.Random) -> None:
    """Another person imports the same file, with other decisions."""
    if context.importers.imports:
        file = chance.choice(context.importers.imports)
        _start_recording(context, chance, file.merchant_id, file.rows)


def resume_import(context: Context, chance: random.Random) -> None:
    """Somebody resumes an import or an undo, whether it was interrupted or still runs."""
    if context.importers.imports:
        file, tries = chance.choice(context.importers.imports), chance.choice((1, 2, 4))
        is_undo = file.state == "undoing" and chance.random() < 0.7
        resume = context.importers.undo if is_undo else context.importers.record
        context.world.schedule.start(lambda: resume(file, tries))


def undo_import(context: Context, chance: random.Random) -> None:
    """One or two people undo an import that is recorded."""
    files = [file for file in context.importers.imports if file.state != "recording"]
    if files:
        file, tries = chance.choice(files), chance.choice((1, 2, 4))
        _start(context, chance, lambda: context.importers.undo(file, tries))


def change_imported_entry(context: Context, chance: random.Random) -> None:
    """A merchant reverses an imported entry by hand, or erases its texts."""
    entries = list(context.importers.entries.values())
    if entries:
        request = about(context, chance.choice(entries), erases=chance.random() < 0.3)
        tries = chance.choice((1, 2, 4))
        context.world.schedule.start(lambda: context.merchants.send(request, tries))


def new_row(context: Context, chance: random.Random, merchant_id: str) -> BankRow:
    """Return a new row of a merchant's bank, of the last days."""
    day = context.world.clock.today - timedelta(days=chance.choice((0, 1, 1, 3, 20)))
    row = numbered_row(day, context.number(), merchant_id)
    content = replace(
        row.content,
        account=chance.choice(("main", "bank")),
        amount_minor=chance.choice((1, -1)) * row.content.amount_minor,
        category=chance.choice((None, "fees")),
    )
    return replace(row, content=content)


def numbered_row(day: date, number: int, merchant_id: str = "padaria") -> BankRow:
    """Return a fixed row; each number has another amount and identity."""
    description = f"PIX João {number}"
    content = ImportedRow(
        "main", "BRL", day, None, number * 1000 + 7, description, bank_id=str(number)
    )
    return BankRow(merchant_id, f"{number:043}", content)


def _start_recording(
    context: Context, chance: random.Random, merchant_id: str, rows: Sequence[BankRow]
) -> None:
    file = context.importers.add(merchant_id, rows, {})
    for row in rows:
        if (targets := _targets(context, file, row)) and chance.random() < 0.3:
            file.same[row.identity] = chance.choice(targets[-3:])  # so that rows compete
    tries = chance.choice((1, 2, 4))
    _start(context, chance, lambda: context.importers.record(file, tries))


def _targets(context: Context, file: Import, row: BankRow) -> list[Request]:
    """Return the requests whose entries a person may take for the same as a row."""
    entries = [*context.merchants.log.entries(), *context.importers.entries.values()]
    return [
        request
        for request in entries
        if request.merchant_id == file.merchant_id
        and request.responses
        and request.key != row.identity
    ]


def _start(context: Context, chance: random.Random, work: Callable[[], None]) -> None:
    for _ in range(chance.choice((1, 1, 2))):
        context.world.schedule.start(work)
