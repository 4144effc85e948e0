"""The application in this process over real stores: PostgreSQL, Valkey, and DynamoDB emulated."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import _lru_cache_wrapper, cache
from typing import Any

import pytest

import app
from chalicelib.runtime import clients
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.ledger_table import LedgerTable
from tests.web.asking import ApiClient


@dataclass(frozen=True)
class Deployed:
    """The application with its stores; `project` does what the stream does."""

    table: LedgerTable
    asker: ApiClient

    def project(self) -> None:
        """Hand all that the ledger holds to the projector, once more."""
        records = [_inserted(item) for item in self.table.items()]
        if records:
            app.projector({"Records": records}, None)


@pytest.fixture
def deployed(
    ledger_table: LedgerTable,
    read_model_database: ReadModelDatabase,
    merchant: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Deployed]:
    """The application over the stores, asked by a merchant that no other test knows."""
    place = read_model_database
    variables = {
        "ENTRIES_TABLE": ledger_table.name,
        "QUARANTINE_QUEUE_URL": "https://sqs.sa-east-1.amazonaws.com/000000000000/quarantine",
        "DATABASE_HOST": place.host,
        "DATABASE_PORT": str(place.port),
        "DATABASE_NAME": place.name,
        "DATABASE_TLS": "off",
        "DATABASE_AUTH": "trust",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "STATE_MACHINE_ARN": _state_machine(),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REDIS_HOST", raising=False)
    reset_process()
    # A client is slow to make, and this one's wire can fail as told.
    services = {
        "dynamodb": ledger_table.client_of_one_try(),
        "sqs": _service("sqs"),
        "stepfunctions": _service("stepfunctions"),
    }
    monkeypatch.setattr(clients, "aws", services.__getitem__)
    yield Deployed(ledger_table, ApiClient(merchant))
    reset_process()


def reset_process() -> None:
    """Forget what a process keeps: settings, clients, connections."""
    ours = [module for name, module in sys.modules.items() if name.startswith("chalicelib")]
    for kept in [var for module in ours for var in vars(module).values()]:
        if isinstance(kept, _lru_cache_wrapper):
            kept.cache_clear()


@cache
def _service(name: str) -> Any:
    import boto3

    return boto3.Session(region_name="sa-east-1").client(name)


def _state_machine() -> str:
    made = _service("stepfunctions").create_state_machine(
        name="daily-consolidation",
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/nobody",
    )
    return str(made["stateMachineArn"])


def _inserted(item: dict[str, Any]) -> dict[str, Any]:
    keys = {"entry_id": item["entry_id"]}
    return {
        "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "NewImage": item, "SequenceNumber": "1"},
        "eventSourceARN": "arn:aws:dynamodb:sa-east-1:000000000000:table/entries/stream/x",
    }
