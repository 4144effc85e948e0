"""Several projectors at once, the stream's shards: no deadlock, and the plain sum."""

import random
from functools import partial

from chalicelib.ledger.entries import Entry
from chalicelib.projection.project import project
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import projection_over
from tests.fixtures.seeded_entries import all_inserted, entries
from tests.fixtures.threads import together

PROJECTORS = 6


def test_projectors_of_the_same_merchants_never_deadlock(
    emptied_read_model_database: ReadModelDatabase,
) -> None:
    database = emptied_read_model_database
    merchants = [f"shared-{number}" for number in range(5)]
    recorded = entries(11, 6_000, merchants, days=60)
    before = _deadlocks(database)
    together(*(partial(_deliver, database, recorded, seed) for seed in range(PROJECTORS)))
    assert held(database, merchants) == expected(recorded)
    assert _deadlocks(database) == before


def _deadlocks(database: ReadModelDatabase) -> int:
    counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(database.run(counted)[0][0])


def _deliver(database: ReadModelDatabase, recorded: list[Entry], seed: int) -> None:
    chance = random.Random(seed)
    records = all_inserted(chance.sample(recorded, len(recorded) // 2) if seed else recorded)
    chance.shuffle(records)
    projection = projection_over(database)
    for start in range(0, len(records), 150):
        project(records[start : start + 150], projection.ports)
    projection.connections.close()
