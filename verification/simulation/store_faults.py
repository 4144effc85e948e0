"""Faults of the stores that take more than a call: invalid records, a restore, alterations."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.closing.day_state import RowCorrection
from chalicelib.ledger.entries import content_digest, entry_id
from chalicelib.projection.entry_changes import EntryChange
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.opening_invariants import check_openings
from verification.simulation.stores.rows import EntryRow
from verification.simulation.stores.tables import TOTALS, Tables


def restore(context: Context, _chance: random.Random) -> None:
    """An operator stops everything and restores PostgreSQL to last night's backup."""
    _lose_since(context, context.backup)


def recreate(context: Context, chance: random.Random) -> None:
    """PostgreSQL is lost and created again, and the hourly trigger fires before the rebuild."""
    _lose_since(context, context.world.empty_tables)
    if chance.random() < 0.7:
        context.trigger(context.world.clock.yesterday)


def _lose_since(context: Context, backup: Tables) -> None:
    context.world.schedule.run()
    check_openings(context)
    context.world.tables.restore(backup)
    context.is_restored = True


def insert_invalid_record(context: Context, chance: random.Random) -> None:
    """The stream delivers an invalid record among the others."""
    name = entry_id("padaria", f"poison-{context.number()}")
    key = {"S": name}
    entry, riddle = ({"entry_id": key, "kind": {"S": kind}} for kind in ("entry", "riddle"))
    images = chance.choice(({}, {"NewImage": entry}, {"NewImage": riddle}))
    context.world.stream.insert(chance.choice(("INSERT", "REMOVE", "MODIFY")), key, images)
    context.invalid_records.append(name)


def alter_read_model(context: Context, chance: random.Random) -> None:
    """Somebody alters the read model by hand."""
    tables = context.world.tables
    if tables.entries:
        context.is_altered = True
        marked = set(tables.unsealed)
        chance.choice(_ALTERATIONS)(tables, chance)
        context.has_lost_marks |= not marked <= tables.unsealed.keys()


def alter_row(tables: Tables, chance: random.Random) -> None:
    """Alter the amount of an entry."""
    row = _random_row(tables, chance)
    _store(tables, row, amount_minor=row.entry.amount_minor + 1)


def alter_total(tables: Tables, chance: random.Random) -> None:
    """Alter a total."""
    if table := _random_totals(tables, chance):
        line = chance.choice(sorted(table))
        table[line] = table[line]._replace(credits_minor=table[line].credits_minor + 1)


def _change_merchant(tables: Tables, chance: random.Random) -> None:
    _store(tables, _random_row(tables, chance), merchant_id=chance.choice(MERCHANTS))


def insert_entry(tables: Tables, chance: random.Random) -> None:
    """Insert an entry that nobody recorded, with its totals."""
    row = _random_row(tables, chance)
    name = entry_id(row.entry.merchant_id, "never recorded, and counted")
    false = row.entry._replace(entry_id=name, reverses=None)
    tables.add([EntryChange(false, row.occurred, content_digest(false))])
    if chance.random() < 0.5:
        tables.unsealed.pop((false.merchant_id, false.day), None)


def _add_row(tables: Tables, chance: random.Random) -> None:
    row = _random_row(tables, chance)
    name = entry_id(row.entry.merchant_id, "never recorded")
    _store(tables, row, entry_id=name, reverses=None)


def _random_row(tables: Tables, chance: random.Random) -> EntryRow:
    return tables.entries[chance.choice(sorted(tables.entries))]


def _store(tables: Tables, row: EntryRow, **wrong: Any) -> None:
    entry = row.entry._replace(**wrong)
    tables.entries[entry.entry_id] = replace(row, entry=entry)


def _lose_row(tables: Tables, chance: random.Random) -> None:
    del tables.entries[chance.choice(sorted(tables.entries))]


def _lose_total(tables: Tables, chance: random.Random) -> None:
    if table := _random_totals(tables, chance):
        del table[chance.choice(sorted(table))]


def _random_totals(tables: Tables, chance: random.Random) -> dict[Any, Any]:
    """Return one of the tables of totals, which may be empty: its last line may be lost."""
    table: dict[Any, Any] = getattr(tables, chance.choice(TOTALS))
    return table


def _lose_mark(tables: Tables, chance: random.Random) -> None:
    if tables.unsealed:
        del tables.unsealed[chance.choice(sorted(tables.unsealed))]


def _alter_texts(tables: Tables, chance: random.Random) -> None:
    _store(tables, _random_row(tables, chance), description="Never said", metadata={})


def _alter_moments(tables: Tables, chance: random.Random) -> None:
    row = _random_row(tables, chance)
    earlier = row.occurred - timedelta(days=1)
    tables.entries[row.entry.entry_id] = replace(row, occurred=earlier)
    tables.merchants[row.entry.merchant_id] = earlier


def _lose_correction(tables: Tables, chance: random.Random) -> None:
    corrected = sorted(name for name, row in tables.entries.items() if row.correction)
    if corrected:
        name = chance.choice(corrected)
        tables.entries[name] = replace(tables.entries[name], correction=None)


def _alter_correction(tables: Tables, chance: random.Random) -> None:
    row = _random_row(tables, chance)
    number = chance.choice((1, 1000))
    tables.recategorize(row, RowCorrection(number, "never-corrected"))


_ALTERATIONS = (
    *(_lose_row, alter_row, _change_merchant, _add_row, insert_entry, _alter_texts, _alter_moments),
    *(alter_total, _lose_total, _lose_mark, _lose_correction, _alter_correction),
)
