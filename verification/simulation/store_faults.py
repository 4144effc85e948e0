"""Faults of the stores that take more than a call: invalid records, a restore, alterations."""

import random
from dataclasses import replace
from typing import Any

from chalicelib.ledger.entries import entry_id
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.stores.tables import TOTALS, EntryRow, Tables


def restore(context: Context, _chance: random.Random) -> None:
    """An operator stops everything and restores PostgreSQL to last night's backup.

    Not where a lost closing is missing in the bucket and a later one of its merchant is there: the
    next closing would take the missing number, and the later one could not be restored after it.
    """
    world = context.world
    world.schedule.run()
    lost = [key for key in world.tables.closings if key not in context.backup.closings]
    archived = {
        key for key in lost if f"closings/{key[0]}/{key[1]:010d}.json" in world.bucket.objects
    }
    missing = set(lost) - archived
    if not any(key[0] == later[0] and key[1] < later[1] for key in missing for later in archived):
        world.tables.restore(context.backup)
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
    if context.world.tables.entries:
        context.is_altered = True
        chance.choice(_ALTERATIONS)(context.world.tables, chance)


def alter_row(tables: Tables, chance: random.Random) -> None:
    """Alter the amount of an entry."""
    row = _random_row(tables, chance)
    _store(tables, row, amount_minor=row.entry.amount_minor + 1)


def alter_total(tables: Tables, chance: random.Random) -> None:
    """Alter a total."""
    table = getattr(tables, chance.choice(TOTALS))
    line = chance.choice(sorted(table))
    table[line] = table[line]._replace(credits_minor=table[line].credits_minor + 1)


def _change_merchant(tables: Tables, chance: random.Random) -> None:
    _store(tables, _random_row(tables, chance), merchant_id=chance.choice(MERCHANTS))


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
    table = getattr(tables, chance.choice(TOTALS))
    del table[chance.choice(sorted(table))]


_ALTERATIONS = (_lose_row, alter_row, _change_merchant, _add_row, alter_total, _lose_total)
