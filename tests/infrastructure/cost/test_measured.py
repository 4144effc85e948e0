"""What the real handlers take, as `make cost` counts it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """Each measured operation's line of the page."""
    ran = subprocess.run(
        [sys.executable, "-m", "infrastructure.cost"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("Dollars a month")
    return {line[2:26].strip(): line for line in ran.stdout.splitlines() if " ms of CPU" in line}


def test_an_entry_is_one_call_and_two_write_units(told: dict[str, str]) -> None:
    assert told["record an entry"].endswith("2 write units; 1 dynamodb:PutItem")


@pytest.mark.parametrize("read", ["read a balance", "read a page of 50"])
def test_a_read_is_one_statement(read: str, told: dict[str, str]) -> None:
    assert told[read].endswith("; 1 SQL")


@pytest.mark.parametrize("batch", ["project one entry", "project 100 entries"])
def test_a_batch_is_one_statement_however_long(batch: str, told: dict[str, str]) -> None:
    assert told[batch].endswith("; 1 SQL")


def test_a_closing_is_signed_once_and_kept(told: dict[str, str]) -> None:
    assert "1 kms:Sign" in told["close a merchant's day"]
    assert "4 dynamodb:Query" in told["close a merchant's day"]
