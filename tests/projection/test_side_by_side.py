"""Several projectors run at once, one per shard: no deadlock, and every entry counts once."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from chalicelib.ledger.entries import Entry
from chalicelib.projection.project import project
from chalicelib.storage.postgres import StatementTimeoutError
from tests.fixtures.database import ReadModelDatabase, until_somebody_waits
from tests.fixtures.plain_sums import entry_ids
from tests.fixtures.projection import Projection, projection_over
from tests.fixtures.threads import together
from verification.kit.generators import all_inserted, entries, erased
from verification.kit.generators import entry as make_entry

PROJECTORS = 6


def test_projectors_of_shared_merchants_never_deadlock(emptied: Projection) -> None:
    merchants = [f"shared-{number}" for number in range(5)]
    recorded = entries(11, 2_000, merchants, days=60)
    before = _deadlocks(emptied.database)
    deliveries = [partial(_deliver, emptied.database, recorded, n) for n in range(PROJECTORS)]
    together(*deliveries)
    emptied.check_entries(recorded)
    assert _deadlocks(emptied.database) == before


def test_a_projector_locks_merchants_first_and_in_order(
    projection: Projection, merchant: str
) -> None:
    database = projection.database
    first, second, third = (f"{merchant}-{letter}" for letter in "abc")
    known = [make_entry(name, "known") for name in (first, second, third)]
    projection.insert(known)
    late = [make_entry(name, "late") for name in (third, second, first)]
    waiting = threading.Thread(target=projection.insert, args=(late,))
    with _locking(database, second):
        waiting.start()
        until_somebody_waits(database)
        assert not _is_free(database, "merchants", first)
        assert _is_free(database, "merchants", third)
        assert _is_free(database, "day_totals", first)
    waiting.join()
    projection.check_entries(known + late)


def test_locked_merchant_delays_no_other(projection: Projection, merchant: str) -> None:
    other = f"{merchant}-other"
    known = make_entry(other, "known", description="Rua Azul")
    projection.insert([known])
    waiting = [make_entry(merchant, "waits"), make_entry(other, "goes on")]
    batch = [*all_inserted(waiting), erased(known)]
    projection.connections.begin_with("SET lock_timeout = '100ms'")
    with _locking(projection.database, merchant):
        for _ in range(2):
            with pytest.raises(StatementTimeoutError):
                project(batch, projection.ports)
            stored = entry_ids(projection.database, [merchant, other])
            assert stored == {known.entry_id, waiting[1].entry_id}
            texts = "SELECT description FROM entries WHERE entry_id = :entry"
            assert projection.database.run(texts, entry=known.entry_id) == [[None]]
    result = project(batch, projection.ports)
    assert (result.new, result.known) == (1, 0)
    projection.check_entries([*waiting, known])


@contextmanager
def _locking(database: ReadModelDatabase, merchant_id: str) -> Iterator[None]:
    connection = database.connect("livro_projector")
    connection.run("BEGIN")
    insert = "INSERT INTO merchants (merchant_id) VALUES (:merchant) ON CONFLICT DO NOTHING"
    connection.run(insert, merchant=merchant_id)
    connection.run("COMMIT; BEGIN")
    lock = "SELECT FROM merchants WHERE merchant_id = :merchant FOR UPDATE"
    connection.run(lock, merchant=merchant_id)
    try:
        yield
    finally:
        connection.run("COMMIT")
        connection.close()


def _is_free(database: ReadModelDatabase, table: str, merchant_id: str) -> bool:
    free = database.run(
        f"SELECT count(*) FROM (SELECT FROM {table} WHERE merchant_id = :merchant"
        " FOR UPDATE SKIP LOCKED) AS row",
        merchant=merchant_id,
    )
    return bool(free[0][0])


def _deadlocks(database: ReadModelDatabase) -> int:
    counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(database.run(counted)[0][0])


def _deliver(database: ReadModelDatabase, recorded: list[Entry], seed: int) -> None:
    chance = random.Random(seed)
    records = all_inserted(chance.sample(recorded, len(recorded) // 2) if seed else recorded)
    chance.shuffle(records)
    projection = projection_over(database)
    for start in range(0, len(records), 50):
        project(records[start : start + 50], projection.ports)
    projection.connections.close()
