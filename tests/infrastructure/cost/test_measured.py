"""The use of AWS by the real handlers, as the cost page shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def measured() -> dict[str, str]:
    """The page's line of each measured operation."""
    ran = subprocess.run(
        [sys.executable, "-m", "infrastructure.cost"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("Dollars a month")
    return {line[2:26].strip(): line for line in ran.stdout.splitlines() if " ms of CPU" in line}


def test_entry_is_one_call_of_two_units(measured: dict[str, str]) -> None:
    assert measured["record an entry"].endswith("2 write units; 1 dynamodb:PutItem")


@pytest.mark.parametrize(
    "operation",
    ["read a balance", "read a page of 50", "project one entry", "project 100 entries"],
)
def test_operation_is_one_statement(operation: str, measured: dict[str, str]) -> None:
    assert measured[operation].endswith("; 1 SQL")


def test_rows_of_a_bank_file_are_recorded(measured: dict[str, str]) -> None:
    """Each row takes a claim of its key and a put of its entry, or one transaction of both."""
    units = re.search(r"; (\d+) write units", measured["import 50 rows of a bank"])
    assert units is not None
    assert 100 <= int(units[1]) <= 400


def test_statement_and_dashboard_write_nothing(measured: dict[str, str]) -> None:
    assert "write units" not in measured["make a statement (PDF)"]
    assert measured["load the dashboard"].endswith(" ms of CPU")


def test_closing_signs_once(measured: dict[str, str]) -> None:
    assert "1 kms:Sign" in measured["close a merchant's day"]
    # Four shards are read to compare the day, and four for entries of days between.
    assert "8 dynamodb:Query" in measured["close a merchant's day"]
