"""Rebuilds run beside live projectors and beside each other, and the read model stays correct."""

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import pytest
from pg8000.native import DatabaseError

from chalicelib.ledger.entries import Entry
from chalicelib.projection.authoritative_entries import (
    AuthoritativeEntries,
    authoritative_entries,
)
from chalicelib.projection.repairer import Repairer
from chalicelib.storage.postgres import DatabaseUnreachableError
from tests.fixtures.database import ReadModelDatabase, until_somebody_waits
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.projection import Projection, connections, projection_over
from tests.fixtures.rebuilding import rebuilt
from tests.fixtures.threads import together
from verification.kit.generators import entries

MERCHANTS = ("padaria", "rival", "third")


def _record_and_project(
    database: ReadModelDatabase, ledger: MemoryLedger, recorded: list[Entry], seed: int
) -> None:
    chance = random.Random(seed)
    projection = projection_over(database)
    waiting = list(recorded)
    while waiting:
        size = chance.randrange(1, 30)
        batch, waiting = waiting[:size], waiting[size:]
        for entry in batch:
            ledger.record(entry)
        _until_done(partial(projection.insert, batch))
    projection.connections.close()


def _until_done(work: Callable[[], object]) -> None:
    # The corruption locks no merchant's row, so PostgreSQL may have to end a deadlock: the stream
    # delivers a batch again, and a rebuild is repeated.
    while True:
        try:
            work()
        except DatabaseUnreachableError:
            continue
        return


def _rebuild_until(
    done: threading.Event, database: ReadModelDatabase, ledger: MemoryLedger, merchant: str | None
) -> None:
    repairer = Repairer(connections(database))
    while not done.is_set():
        _until_done(partial(rebuilt, ledger, repairer, merchant, in_one_piece=False))
    repairer.close()


def _corrupt_until(done: threading.Event, database: ReadModelDatabase) -> None:
    chance = random.Random(99)
    corruptions = (
        "UPDATE day_totals SET credits_minor = credits_minor + 1 WHERE merchant_id = :merchant",
        "DELETE FROM month_totals WHERE merchant_id = :merchant",
        "UPDATE entries SET amount_minor = 7 WHERE entry_id IN"
        " (SELECT min(entry_id) FROM entries WHERE merchant_id = :merchant)",
        "DELETE FROM entries WHERE entry_id IN"
        " (SELECT max(entry_id) FROM entries WHERE merchant_id = :merchant)",
    )
    while not done.is_set():
        with suppress(DatabaseError):  # a deadlock may be ended at this statement
            database.run(chance.choice(corruptions), merchant=chance.choice(MERCHANTS))
        done.wait(0.05)


@pytest.mark.parametrize("corrupted", [False, True])
def test_rebuilds_beside_projectors_add_up(
    emptied: Projection, repairer: Repairer, corrupted: bool
) -> None:
    database, ledger, done = emptied.database, MemoryLedger(), threading.Event()
    recorded = entries(23, 2_000, MERCHANTS, days=90)

    def record_all() -> None:
        try:
            together(
                partial(_record_and_project, database, ledger, recorded[:1_000], 1),
                partial(_record_and_project, database, ledger, recorded[1_000:], 2),
            )
        finally:
            done.set()

    together(
        record_all,
        partial(_rebuild_until, done, database, ledger, None),
        partial(_rebuild_until, done, database, ledger, "padaria"),
        *([partial(_corrupt_until, done, database)] if corrupted else []),
    )
    last = rebuilt(ledger, repairer)
    assert rebuilt(ledger, repairer).totals == 0
    assert corrupted or (last.missing, last.altered, last.removed, last.totals) == (0, 0, 0, 0)
    emptied.check_entries(recorded)


def test_a_projector_waits_for_a_repair(emptied: Projection, repairer: Repairer) -> None:
    recorded = entries(29, 60, MERCHANTS)
    first, late = recorded[:40], recorded[40:]
    emptied.insert(first)
    ledger = MemoryLedger(recorded)
    projector = threading.Thread(target=emptied.insert, args=(late,))

    def read_ledger(entry_ids: Sequence[str]) -> AuthoritativeEntries:
        projector.start()
        until_somebody_waits(emptied.database)
        return authoritative_entries(ledger, entry_ids)

    broken = [entry.entry_id for entry in first if entry.merchant_id == "padaria"][:3]
    altered = "UPDATE entries SET amount_minor = 5 WHERE entry_id = :entry"
    emptied.database.run(altered, entry=broken[0])
    done = repairer.repair({"padaria"}, broken, read_ledger)
    projector.join()
    assert done.altered == 1
    emptied.check_entries(recorded)
