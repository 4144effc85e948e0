"""A repair recomputes all totals of its merchants, and large merchants are read efficiently."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.repairer import Repairer, RepairResult
from chalicelib.projection.row_pages import rows_of_buckets, sum_rows
from chalicelib.projection.row_sums import BUCKETS, RowSums
from chalicelib.projection.writer import statement
from chalicelib.storage.postgres import Session
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.merchant_rows import TOTALS, insert_entry, insert_totals
from tests.fixtures.projection import Projection
from tests.fixtures.rebuilding import LATER
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


@pytest.mark.parametrize("merchant_id", [None, "rival"])
def test_rows_are_summed_page_by_page(
    emptied: Projection,
    repairer: Repairer,
    merchant_id: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chalicelib.projection.row_pages.ROWS_PER_PAGE", 7)
    recorded = entries(43, 60, MERCHANTS)
    emptied.insert(recorded)
    mine = [entry for entry in recorded if merchant_id in (None, entry.merchant_id)]
    sums = RowSums(before=LATER).plus(mine)
    page = repairer.sum_rows(merchant_id, None, sums)
    pages = 0
    while page.last is not None:
        sums, pages = sums.minus(page.sums), pages + 1
        assert (page.recent, page.corrected) == ([], [])
        page = repairer.sum_rows(merchant_id, page.last, sums)
    assert (pages, sums.differing) == (-(-len(mine) // 7), [])


@pytest.mark.parametrize("merchant_id", [None, "rival"])
def test_rows_of_differing_buckets_are_returned(
    emptied: Projection,
    repairer: Repairer,
    merchant_id: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chalicelib.projection.row_pages.ROWS_PER_PAGE", 7)
    recorded = entries(43, 60, MERCHANTS)
    emptied.insert(recorded)
    sums = RowSums(before=LATER).plus(recorded[:20])
    after, result = None, []
    while True:
        rows, after = repairer.rows_of_buckets(merchant_id, after, sums)
        result += [row.entry_id for row in rows]
        if after is None:
            break
    assert sorted(result) == sorted(
        entry.entry_id
        for entry in recorded
        if merchant_id in (None, entry.merchant_id)
        and sums.hash_of(entry.merchant_id, entry.entry_id) % BUCKETS in sums.differing
    )


class _Explained:
    """A session that explains statements instead of running them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.plan: list[str] = []

    def rows(self, query: str, **values: Any) -> list[list[Any]]:
        self._session.script("SET enable_seqscan = off; SET enable_bitmapscan = off")
        self.plan = [line for (line,) in self._session.rows(f"EXPLAIN {query}", **values)]
        return []


@pytest.mark.parametrize("read", [sum_rows, rows_of_buckets])
@pytest.mark.parametrize("merchant_id", [None, "rival"])
def test_pages_are_ordered_without_sorting(
    emptied: Projection, merchant_id: str | None, read: Callable[..., object]
) -> None:
    emptied.insert(entries(43, 60, MERCHANTS))
    connection = emptied.database.connect("livro_projector")
    explained = _Explained(Session(connection))
    read(explained, merchant_id, None, RowSums(before=LATER))
    connection.close()
    page = "".join(itertools.takewhile(lambda line: "CTE Scan" not in line, explained.plan))
    assert "entries_in_list_order" in page
    assert "Index Cond" in page
    assert "Sort" not in page


def test_parallel_workers_count_a_merchants_entries(
    emptied_read_model_database: ReadModelDatabase,
) -> None:
    connection = emptied_read_model_database.connect("livro_projector")
    connection.run(_EVERY_WORKER)
    count = statement("compare_totals.sql")
    plan = [line for (line,) in connection.run(f"EXPLAIN {count}", merchants=["padaria"])]
    connection.close()
    assert any("Gather" in line for line in plan), plan
