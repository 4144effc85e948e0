"""After ten years a balance reads at most years + 12 + 31 rows per account.

Measured twice: by PostgreSQL's statistics of the SQL transaction, and by the plans that ran.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.fixtures.database import ReadModelDatabase, emptied
from tests.fixtures.projection import projection_over
from verification.kit.generators import entry as make_entry

TOTALS = ("day_totals", "month_totals", "year_totals")
ACCOUNTS = ("bank", "main", "savings")
FIRST, LAST = date(2016, 1, 1), date(2025, 12, 31)
CALL = "SELECT daily_balances('padaria', :day, :day, :account, 'BRL', null)"
WORST = [date(2025, 12, 31), date(2025, 12, 30), date(2025, 1, 31), date(2025, 12, 1)]


@pytest.fixture(scope="module")
def ten_years(second_read_model_database: ReadModelDatabase) -> ReadModelDatabase:
    """Ten years of a merchant that records every day in three accounts, beside other merchants."""
    database = emptied(second_read_model_database)
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    recorded = [
        make_entry("padaria", f"{account} {day}", account=account, occurred_at=f"{day}T15:00:00Z")
        for day in days
        for account in ACCOUNTS
    ]
    recorded += [
        make_entry(f"other-{number % 50}", f"{number}", occurred_at=f"{days[number]}T12:00:00Z")
        for number in range(3_000)
    ]
    projection = projection_over(database)
    for start in range(0, len(recorded), 1_000):
        projection.insert(recorded[start : start + 1_000])
    projection.connections.close()
    database.run("ANALYZE")
    return database


@pytest.fixture
def reader(ten_years: ReadModelDatabase) -> Iterator[Any]:
    """A connection of the superuser that acts as livro_reader, so that it may load a module."""
    connection = ten_years.connect(ten_years.superuser)
    connection.run("LOAD 'auto_explain'; SET search_path TO read_model; SET ROLE livro_reader")
    yield connection
    connection.close()


def _most(accounts: int) -> int:
    return (LAST.year - FIRST.year + 1 + 12 + 31) * accounts


@pytest.mark.parametrize("day", WORST)
@pytest.mark.parametrize(("account", "accounts"), [(None, 3), ("main", 1), ("nobody", 0)])
def test_the_statistics_count_few_rows(
    ten_years: ReadModelDatabase, day: date, account: str | None, accounts: int
) -> None:
    reader = ten_years.connect("livro_reader")
    for _ in range(7):  # after five plans for given values the server makes a generic one
        read = _rows_read_by(reader, CALL, day=day, account=account)
        assert 20 * accounts <= read <= _most(accounts)
    reader.close()


def test_a_year_reads_only_its_days(ten_years: ReadModelDatabase) -> None:
    reader = ten_years.connect("livro_reader")
    year = "SELECT daily_balances('padaria', '2024-01-01', '2024-12-31', 'main', 'BRL', :none)"
    assert _rows_read_by(reader, year, none=None) == 366 + 8
    reader.close()


def _rows_read_by(reader: Any, call: str, **values: Any) -> int:
    counted = (
        "SELECT coalesce(sum(seq_tup_read), 0) + coalesce(sum(idx_tup_fetch), 0)"
        " FROM pg_stat_xact_user_tables WHERE relname LIKE '%_totals' OR relname = 'entries'"
    )
    reader.run("BEGIN")  # a session reports and resets its counts only between SQL transactions
    before = reader.run(counted)[0][0]
    reader.run(call, **values)
    after = reader.run(counted)[0][0]
    reader.run("COMMIT")
    return int(after - before)


@pytest.mark.parametrize("day", WORST)
@pytest.mark.parametrize(("account", "accounts"), [(None, 3), ("main", 1)])
def test_the_plan_reads_few_rows(
    reader: Any, day: date, account: str | None, accounts: int
) -> None:
    reader.run(
        "SET ROLE NONE; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;"
        "SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json;"
        "SET auto_explain.log_level = notice; SET ROLE livro_reader"
    )
    for _ in range(7):
        reader.notices.clear()
        reader.run(CALL, day=day, account=account)
        scans = [node for plan in _plans(reader) for node in _nodes(plan) if _is_of_totals(node)]
        assert {node["Relation Name"] for node in scans} == set(TOTALS)
        assert all("Rows Removed by Filter" not in node for node in scans)
        assert all(node["Node Type"] != "Seq Scan" for node in scans)
        assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) <= _most(accounts)


def _plans(connection: Any) -> list[dict[str, Any]]:
    messages = [notice[b"M"].decode() for notice in connection.notices]
    plans = [message.partition("plan:\n")[2] for message in messages]
    return [json.loads(plan)["Plan"] for plan in plans if plan]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _is_of_totals(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") in TOTALS
