"""A repair recomputes all totals of its merchants, and large merchants are read efficiently."""

from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.repairer import (
    _ROWS_OF_ALL,
    _ROWS_OF_MERCHANT,
    Repairer,
    RepairResult,
    RowKey,
)
from chalicelib.projection.writer import statement
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.merchant_rows import TOTALS, insert_entry, insert_totals
from tests.fixtures.projection import Projection
from verification.kit.generators import entries

MERCHANTS = ("padaria", "rival", "third")
_EVERY_WORKER = """
    SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
    SET min_parallel_index_scan_size = 0; SET enable_indexscan = off; SET enable_bitmapscan = off
"""


def test_several_merchants_are_recomputed_at_once(emptied: Projection, repairer: Repairer) -> None:
    recorded = entries(41, 90, MERCHANTS)
    emptied.insert(recorded)
    emptied.database.run("DELETE FROM day_totals WHERE merchant_id = 'padaria'")
    emptied.database.run("UPDATE year_totals SET entries = entries + 1 WHERE merchant_id = 'rival'")
    done = repairer.repair(MERCHANTS, [], lambda _: AuthoritativeEntries([], []))
    emptied.check_entries(recorded)
    assert done.totals > 2
    again = repairer.repair(MERCHANTS, [], lambda _: AuthoritativeEntries([], []))
    assert again == RepairResult(0, 0, 0, totals=0)


def test_limits_of_a_repair_outlive_a_reconnect(emptied: Projection, repairer: Repairer) -> None:
    repairer.begin()
    shown = (
        "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
        " current_setting('idle_in_transaction_session_timeout'), pg_backend_pid()"
    )
    backends = set()
    for _ in range(2):
        ((*limits, backend),) = repairer._connections.use(lambda session: session.rows(shown))
        assert limits == ["5min", "0", "1min"]
        emptied.database.run(f"SELECT pg_terminate_backend({backend})")
        backends.add(backend)
    assert len(backends) == 2


def test_merchants_of_any_table_are_known(emptied: Projection, repairer: Repairer) -> None:
    insert_totals(emptied.database, "padaria")
    for table in TOTALS:
        insert_totals(emptied.database, f"only-{table}")
        for other in set(TOTALS) - {table}:
            emptied.database.run(f"DELETE FROM {other} WHERE merchant_id = 'only-{table}'")
    for name in "ab":
        insert_entry(emptied.database, "only-entries", name, "2026-11-22")
    only = ["category_totals", "day_totals", "entries", "merchants", "month_totals", "year_totals"]
    assert repairer.merchants() == [*(f"only-{table}" for table in only), "padaria"]


def test_rows_are_ordered_without_sorting(emptied: Projection, repairer: Repairer) -> None:
    recorded = entries(43, 60, MERCHANTS)
    emptied.insert(recorded)
    rows = repairer.rows_after(None, None)
    assert sorted(row.entry_id for row in rows) == sorted(entry.entry_id for entry in recorded)
    for number, row in enumerate(rows):
        assert repairer.rows_after(None, row) == rows[number + 1 :]
    mine = [row for row in rows if row.merchant_id == "rival"]
    assert repairer.rows_after("rival", None) == mine
    assert repairer.rows_after("rival", mine[3]) == mine[4:]
    for query in (_ROWS_OF_ALL, _ROWS_OF_MERCHANT):
        assert _uses_only_the_index(emptied.database, query, mine[0])


def _uses_only_the_index(database: ReadModelDatabase, query: str, row: RowKey) -> bool:
    connection = database.connect("livro_projector")
    connection.run("SET enable_seqscan = off; SET enable_bitmapscan = off")
    names = ("merchant", "day", "instant", "recorded", "entry")
    values = dict(zip(names, row, strict=True))
    plan = "".join(line for (line,) in connection.run(f"EXPLAIN {query}", **values))
    connection.close()
    return "entries_in_list_order" in plan and "Index Cond" in plan and "Sort" not in plan


def test_parallel_workers_count_a_merchants_entries(
    emptied_read_model_database: ReadModelDatabase,
) -> None:
    connection = emptied_read_model_database.connect("livro_projector")
    connection.run(_EVERY_WORKER)
    count = statement("compare_totals.sql")
    plan = [line for (line,) in connection.run(f"EXPLAIN {count}", merchants=["padaria"])]
    connection.close()
    assert any("Gather" in line for line in plan), plan
