"""The write side's ports: what importing loads, and which settings a deployment needs."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chalicelib.commands import wiring
from chalicelib.commands.ports import CommandPorts
from chalicelib.runtime import wiring as runtime
from tests.commands.examples import NOON, PADARIA

HEAVY = ("boto3", "botocore", "redis", "pg8000", "pydantic", "chalice", "aws_xray_sdk", "jwt")
IMPORT_ALL = """
import sys
from chalicelib.commands import batch, erase, get_entry, record, reverse, start_closing, wiring
print(*sorted(sys.modules))
"""
RECORD_FOR_REAL = """
from moto import mock_aws
from chalicelib.runtime import clients
from chalicelib.commands.ports import CommandPorts
from chalicelib.runtime import wiring as runtime
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.wiring import ports
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.principal import Principal
with mock_aws():
    clients.aws("dynamodb").create_table(
        TableName="entries", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "entry_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "entry_id", "KeyType": "HASH"}],
    )
    results = [
        record(ports(), Principal("padaria", "joana"),
               RecordEntry(key, {"amount": "1.00"}, EntryDraft("credit", 100)))
        for key in ("k1", "k1", "k2")
    ]
for result in results:
    print(result.replayed, result.entry.text_salt)
"""
WITHOUT_TABLE = """
from chalicelib.commands.wiring import ports
from chalicelib.runtime.settings import MissingSettingError
try:
    ports()
except MissingSettingError as missing:
    print(missing)
"""


def test_importing_the_commands_imports_no_library() -> None:
    loaded = set(_python(IMPORT_ALL).split())
    assert "chalicelib.commands.batch" in loaded
    assert not loaded & set(HEAVY)


def test_deployment_without_redis_records_and_replays() -> None:
    words = _python(RECORD_FOR_REAL, ENTRIES_TABLE="entries", AWS_DEFAULT_REGION="sa-east-1")
    replays, salts = words.split()[::2], words.split()[1::2]
    assert replays == ["False", "True", "False"]
    assert salts[0] == salts[1] != salts[2]
    assert len(salts[0]) == 22  # 16 bytes in base64url


def test_missing_table_setting_is_named() -> None:
    assert "ENTRIES_TABLE" in _python(WITHOUT_TABLE, AWS_DEFAULT_REGION="sa-east-1")


def test_overridden_ports_are_used_until_reset(
    ports: CommandPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTRIES_TABLE", "entries")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    runtime.reset()
    wiring.override(ports)
    assert wiring.ports() is ports
    wiring.reset()
    assert wiring.ports() is not ports
    assert wiring.ports() is wiring.ports()
    wiring.reset()
    runtime.reset()


def test_each_recording_context_has_its_own_salt(ports: CommandPorts) -> None:
    contexts = [ports.recording_context(PADARIA, NOON) for _ in range(3)]
    assert len({context.salt for context in contexts}) == 3
    for context in contexts:
        assert (context.merchant_id, context.recorded_by) == ("padaria", "joana")
        assert (context.now, context.zone) == (NOON, ZoneInfo("America/Sao_Paulo"))
        assert context.origin == "Root=1-67891233-abcdef012345678912345678;Sampled=1"


@pytest.mark.parametrize("origin", [None, "", "x" * 151, "Root=1-é", "Root=1\n", '{"a": 1}'])
def test_invalid_trace_header_is_not_stored(ports: CommandPorts, origin: str | None) -> None:
    principal = replace(PADARIA, origin=origin)
    assert ports.recording_context(principal, NOON).origin is None


def _python(code: str, **environment: str) -> str:
    root = Path(__file__).parents[2]
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), **environment},
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return finished.stdout
