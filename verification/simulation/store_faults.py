"""What may befall the stores in a story: they forget, are gone, lose records, are altered."""

import random
from dataclasses import replace

from chalicelib.ledger.entries import entry_id
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.fault_plan import GROUPS
from verification.simulation.stores.stream import SHARDS
from verification.simulation.stores.tables import TOTALS, Tables


def flush(cast: Context, _chance: random.Random) -> None:
    """Redis forgets everything."""
    cast.world.cache.flush()


def replicate(cast: Context, _chance: random.Random) -> None:
    """Redis's replica catches up."""
    cast.world.cache.replicate()


def fail_over(cast: Context, _chance: random.Random) -> None:
    """Redis goes on as its replica, with what that knew last."""
    cast.world.cache.fail_over()


def take_down(cast: Context, chance: random.Random) -> None:
    """A store is gone for some calls."""
    cast.world.weather.take_down(chance.choice(GROUPS), chance.choice((3, 10, 40)))


def rewind(cast: Context, chance: random.Random) -> None:
    """The stream brings records again that were done."""
    cast.world.stream.rewind(chance.randrange(SHARDS))


def trim(cast: Context, chance: random.Random) -> None:
    """Nobody read the stream for a day: what was not read is gone."""
    cast.world.stream.trim(chance.randrange(SHARDS))


def poison(cast: Context, chance: random.Random) -> None:
    """A record comes that makes no sense, somewhere among the others."""
    name = entry_id("padaria", f"poison-{cast.number()}")
    key = {"S": name}
    images = chance.choice(
        (
            {},
            {"NewImage": {"entry_id": key, "kind": {"S": "entry"}}},
            {"NewImage": {"entry_id": key, "kind": {"S": "riddle"}}},
        )
    )
    cast.world.stream.insert(chance.choice(("INSERT", "REMOVE", "MODIFY")), key, images)
    cast.poison.append(name)


def damage(cast: Context, chance: random.Random) -> None:
    """Somebody alters the read model by hand."""
    if cast.world.tables.entries:
        cast.is_damaged = True
        chance.choice(_DAMAGES)(cast.world.tables, chance)


def _lose_row(tables: Tables, chance: random.Random) -> None:
    del tables.entries[chance.choice(sorted(tables.entries))]


def alter_row(tables: Tables, chance: random.Random) -> None:
    """Alter the amount of an entry."""
    name = chance.choice(sorted(tables.entries))
    kept = tables.entries[name]
    wrong = kept.entry._replace(amount_minor=kept.entry.amount_minor + 1)
    tables.entries[name] = replace(kept, entry=wrong)


def _give_away(tables: Tables, chance: random.Random) -> None:
    name = chance.choice(sorted(tables.entries))
    kept = tables.entries[name]
    wrong = kept.entry._replace(merchant_id=chance.choice(MERCHANTS))
    tables.entries[name] = replace(kept, entry=wrong)


def _invent_row(tables: Tables, chance: random.Random) -> None:
    kept = tables.entries[chance.choice(sorted(tables.entries))]
    name = entry_id(kept.entry.merchant_id, "never recorded")
    tables.entries[name] = replace(kept, entry=kept.entry._replace(entry_id=name, reverses=None))


def alter_total(tables: Tables, chance: random.Random) -> None:
    """Alter a total."""
    table = getattr(tables, chance.choice(TOTALS))
    line = chance.choice(sorted(table))
    table[line] = table[line]._replace(credits_minor=table[line].credits_minor + 1)


def _lose_total(tables: Tables, chance: random.Random) -> None:
    table = getattr(tables, chance.choice(TOTALS))
    del table[chance.choice(sorted(table))]


_DAMAGES = (_lose_row, alter_row, _give_away, _invent_row, alter_total, _lose_total)
