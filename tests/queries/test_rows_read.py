"""After ten years a balance reads at most years + 12 + 31 rows per account.

Measured by PostgreSQL's statistics of the SQL transaction, which count rows of every kind of scan.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.fixtures.database import ReadModelDatabase, emptied
from tests.fixtures.projection import projection_over
from verification.kit.generators import entry as make_entry

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
