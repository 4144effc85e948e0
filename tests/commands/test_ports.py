"""The write side's effects, made late: what importing costs, and what a deployment must say."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.examples import NOON, PADARIA, ports_over
from tests.fixtures.ledger_table import LedgerTable

HEAVY = ("boto3", "botocore", "redis", "pg8000", "pydantic", "chalice", "aws_xray_sdk", "jwt")
IMPORT_ALL = """
import sys
from chalicelib.commands import batch, entry_repository, get_entry, ports, record, reverse
from chalicelib.commands import dynamodb_retry, idempotency_cache
print(*sorted(sys.modules))
"""
RECORD_FOR_REAL = """
from moto import mock_aws
from chalicelib.runtime import clients
from chalicelib.commands.ports import ports
from chalicelib.ledger.principal import Principal
from chalicelib.commands.record import RecordEntry, record
from chalicelib.ledger.entries import EntryDraft
with mock_aws():
    clients.aws("dynamodb").create_table(
        TableName="entries", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "entry_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "entry_id", "KeyType": "HASH"}],
    )
    made = [
        record(ports(), Principal("padaria", "joana"),
               RecordEntry(key, {"amount": "1.00"}, EntryDraft("credit", 100)))
        for key in ("k1", "k1", "k2")
    ]
for recorded in made:
    print(recorded.replayed, recorded.entry.text_salt)
"""


def test_importing_the_commands_imports_no_library() -> None:
    loaded = set(_python(IMPORT_ALL).split())
    assert "chalicelib.commands.batch" in loaded
    assert not loaded & set(HEAVY)


def test_a_deployment_without_redis_records_and_replays() -> None:
    result = _python(
        RECORD_FOR_REAL, ENTRIES_TABLE="entries", AWS_DEFAULT_REGION="sa-east-1"
    ).split()
    assert result[::2] == ["False", "True", "False"]
    first, replayed, second = result[1::2]
    assert replayed == first != second
    assert len(first) == 22  # 16 bytes in base64url


def test_a_deployment_without_a_table_says_which_setting_is_missing() -> None:
    code = """
from chalicelib.commands.ports import ports
from chalicelib.runtime.settings import MissingSettingError
try:
    ports()
except MissingSettingError as missing:
    print(missing)
"""
    assert "ENTRIES_TABLE" in _python(code, AWS_DEFAULT_REGION="sa-east-1")


def test_each_receipt_has_a_salt_of_its_own(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    receipts = [ports.receipt(PADARIA, NOON) for _ in range(3)]
    assert len({receipt.salt for receipt in receipts}) == 3
    assert {(one.merchant_id, one.recorded_by, one.now, one.origin) for one in receipts} == {
        ("padaria", "joana", NOON, PADARIA.origin)
    }


@pytest.mark.parametrize("origin", [None, "", "x" * 151, "Root=1-é", "Root=1\n", '{"a": 1}'])
def test_what_is_no_trace_header_is_not_kept(ledger_table: LedgerTable, origin: str | None) -> None:
    caller = replace(PADARIA, origin=origin)
    assert ports_over(ledger_table).receipt(caller, NOON).origin is None


def _python(code: str, **environment: str) -> str:
    root = Path(__file__).parents[2]
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), **environment},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
