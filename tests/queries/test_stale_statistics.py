"""Before PostgreSQL has statistics of a merchant's entries, reads follow their own indexes.

Rows of indexes are counted, also those of entries that a filter rejects.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.database import ReadModelDatabase, emptied
from tests.fixtures.projection import projection_over
from verification.kit.generators import entry as make_entry

ENTRIES, DAYS, REVERSED = 1_000, 25, 40
CALL = """
    SELECT length(statement_rows('new', '2026-11-01', '2026-11-30', :account, 'BRL', 20000))
"""
PAGE = """
    SELECT length(entry_page('new', null, null, null, null, null, null, null, null, null, null,
        200, 50000))
"""
_READ = """
    SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'entries'
"""


@pytest.fixture(scope="module", params=["none", "of earlier entries"])
def stale(
    request: pytest.FixtureRequest, second_read_model_database: ReadModelDatabase
) -> Iterator[ReadModelDatabase]:
    """A new merchant's month, of which the planner knows nothing."""
    database = emptied(second_read_model_database)
    projection = projection_over(database)
    database.run("ALTER TABLE entries SET (autovacuum_enabled = off)")
    database.run("DELETE FROM pg_statistic WHERE starelid = 'entries'::regclass")
    if request.param != "none":
        projection.insert(make_entry(f"other-{number % 20}", f"{number}") for number in range(200))
        database.run("ANALYZE entries")
    recorded = [
        make_entry("new", f"{number}", occurred_at=f"2026-11-{number % DAYS + 1:02}T15:00:00Z")
        for number in range(ENTRIES)
    ]
    for number in range(REVERSED):
        reversed_id = recorded[number * 3].entry_id
        recorded[-number - 1] = recorded[-number - 1]._replace(reverses=reversed_id)
    projection.insert(recorded)
    projection.connections.close()
    yield database
    database.run("ALTER TABLE entries RESET (autovacuum_enabled)")


@pytest.mark.parametrize("account", [None, "main"])
def test_statement_reads_each_entry_once(stale: ReadModelDatabase, account: str | None) -> None:
    read = index_rows(stale, CALL, account=account)
    assert ENTRIES <= read <= ENTRIES + REVERSED


def test_page_looks_for_reversals_alone(stale: ReadModelDatabase) -> None:
    assert 200 <= index_rows(stale, PAGE) <= 2 * 201


def test_lists_have_the_only_index_for_every_read(stale: ReadModelDatabase) -> None:
    """Another index that begins with the merchant is for some entries, which a read must name."""
    whole = stale.run(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_attribute"
        " ON attrelid = indrelid AND attnum = indkey[0] WHERE indrelid = 'entries'::regclass"
        " AND attname = 'merchant_id' AND indpred IS NULL"
    )
    assert whole == [["entries_in_list_order"]]


def index_rows(database: ReadModelDatabase, call: str, **values: Any) -> int:
    """Return how many rows of indexes of entries a call reads."""
    reader = database.connect("livro_reader")
    before = database.run(_READ)[0][0]
    reader.run(call, **values)
    reader.run("SELECT pg_stat_force_next_flush()")
    reader.close()
    return int(database.run(_READ)[0][0] - before)
