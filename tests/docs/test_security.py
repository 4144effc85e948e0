"""The page on security names existing tests, and has a row for each of the ten risks."""

import ast
import re
from pathlib import Path

import pytest

from infrastructure.sizes import LARGE, SMALL
from tests.infrastructure.templates import of_type, template

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_named_tests_exist(path: str, name: str) -> None:
    tree = ast.parse((PROJECT / path).read_text())
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_risk_has_row_and_test() -> None:
    rows = re.findall(r"^\| (API\d+) .*$", PAGE, re.MULTILINE)
    assert rows == [f"API{number}" for number in range(1, 11)]
    for row in re.findall(r"^\| API.*$", PAGE, re.MULTILINE):
        assert "`tests/" in row.split("|")[3], row


def test_retention_terms_match_the_templates() -> None:
    result = dict(re.findall(r"^\| ([A-Z][^|]+) \| ([0-9]+ [a-z]+)[^|]* \|$", PAGE, re.MULTILINE))
    queue = of_type(template("foundation"), "AWS::SQS::Queue")["QuarantineQueue"]
    assert result["Dead-letter queue (SQS)"] == f"{queue['MessageRetentionPeriod'] // 86_400} days"
    assert template("database")["Resources"]["Database"]["DeletionPolicy"] == "Snapshot"
    for size in (SMALL, LARGE):
        backups = f"Backups of PostgreSQL (RDS), {size.name} stage"
        assert result[backups] == f"{size.database['BackupDays']} days"
    assert result["Answers to replays (Redis)"] == "1 hour"
    assert result["Backups of the ledger (DynamoDB, point in time)"] == "35 days"


def test_page_stays_short() -> None:
    assert len(PAGE.split()) < 1500
