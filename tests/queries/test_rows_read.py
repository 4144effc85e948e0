"""After ten years a balance reads at most years + 12 + 31 rows per account, and a list its page.

Rows are counted by PostgreSQL's statistics of the SQL transaction, which include rows of every kind
of scan; blocks by EXPLAIN, which counts those of the statements inside a function too.
"""

import json
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
    recorded += [
        make_entry("import", f"{number}", occurred_at="2025-12-31T12:00:00Z")
        for number in range(4_000)
    ]
    projection = projection_over(database)
    for start in range(0, len(recorded), 1_000):
        projection.insert(recorded[start : start + 1_000])
    projection.connections.close()
    database.run("ANALYZE")
    return database


@pytest.mark.parametrize("day", WORST)
@pytest.mark.parametrize(("account", "accounts"), [(None, 3), ("main", 1), ("nobody", 0)])
def test_the_statistics_count_few_rows(
    ten_years: ReadModelDatabase, day: date, account: str | None, accounts: int
) -> None:
    reader = ten_years.connect("livro_reader")
    most = (LAST.year - FIRST.year + 1 + 12 + 31) * accounts
    for _ in range(7):  # after five plans for given values the server makes a generic one
        read = _rows_read_by(reader, CALL, day=day, account=account)
        assert 20 * accounts <= read <= most
    reader.close()


def test_a_year_reads_only_its_days(ten_years: ReadModelDatabase) -> None:
    reader = ten_years.connect("livro_reader")
    year = "SELECT daily_balances('padaria', '2024-01-01', '2024-12-31', 'main', 'BRL', :none)"
    assert _rows_read_by(reader, year, none=None) == 366 + 8
    reader.close()


STATEMENT = """
    SELECT statement_rows('import', '2025-01-01', '2025-12-31', :account, 'BRL', :most_entries)
"""


@pytest.mark.parametrize(("account", "most_entries"), [("nobody", 20_000), (None, 3_999)])
def test_statement_reads_only_what_it_shows(
    ten_years: ReadModelDatabase, account: str | None, most_entries: int
) -> None:
    reader = ten_years.connect("livro_reader")
    for _ in range(7):
        values = {"account": account, "most_entries": most_entries}
        assert _rows_read_by(reader, STATEMENT, **values) <= 5
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


PAGE = """
    EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT entry_page(:merchant, :first, :last, :account,
        null, null, null, :sought, :day, :instant, :entry, :size, :scan_limit)
"""
FEW, SCANNED = (9, 50_000), (50, 500)
"""The page's size and how many entries it may scan."""


@pytest.mark.parametrize("merchant", ["padaria", "import"])
@pytest.mark.parametrize("place", [0, 1, 2_000, 3_900])
@pytest.mark.parametrize(
    ("filters", "limits", "most"),
    [
        ({}, FEW, 10 * 4 + 30),
        ({"first": FIRST, "last": LAST}, FEW, 10 * 4 + 30),
        ({"sought": "needle"}, SCANNED, 700),
        ({"account": "nobody"}, SCANNED, 700),
    ],
)
def test_page_reads_few_blocks_at_any_depth(
    ten_years: ReadModelDatabase,
    merchant: str,
    place: int,
    filters: dict[str, Any],
    limits: tuple[int, int],
    most: int,
) -> None:
    key = _key_at(ten_years, merchant, place)
    values = {name: filters.get(name) for name in ("first", "last", "account", "sought")}
    values |= {"merchant": merchant, **key, "size": limits[0], "scan_limit": limits[1]}
    reader = ten_years.connect("livro_reader")
    reader.run(PAGE, **values)  # which also reads the catalogs
    blocks = [_blocks(reader.run(PAGE, **values)[0][0]) for _ in range(7)]  # the last are generic
    reader.close()
    assert max(blocks) <= most


def _key_at(database: ReadModelDatabase, merchant: str, place: int) -> dict[str, Any]:
    """Return the key of the entry at a place of a merchant's list, none of the place 0."""
    rows = database.run(
        "SELECT day, occurred_instant, entry_id FROM entries WHERE merchant_id = :merchant ORDER BY"
        " day DESC, occurred_instant DESC, recorded_at DESC, entry_id DESC LIMIT 1 OFFSET :above",
        merchant=merchant,
        above=place - 1 if place else 1_000_000,
    )
    key = rows[0] if rows else (None, None, None)
    return dict(zip(("day", "instant", "entry"), key, strict=True))


def _blocks(plan: Any) -> int:
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
