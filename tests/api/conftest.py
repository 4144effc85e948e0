"""The API over two transports: in this process over real stores, and over HTTP to a whole service.

The service is the laptop cloud, or the deployment that LIVRO_BASE_URL names; then every token comes
from LIVRO_TOKEN_<NAME>: VIEWER, OPERATOR, ACCOUNTANT, RIVAL, and those that tokens.py names.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

import app
from chalicelib.runtime import clients
from chalicelib.runtime.wiring import reset
from tests.api.tokens import FORBIDDEN, NOT_AUTHENTICATED, WITH_ONE_SCOPE, Tokens, laptop_tokens
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.ledger_table import LedgerTable
from tests.fixtures.service import Service
from verification.kit.api_client import (
    ApiClient,
    Transport,
    in_process,
    over_http,
    unverified_token,
)

READ, WRITE = "livro-caixa/read", "livro-caixa/write"


@dataclass(frozen=True)
class Api:
    """A client for each role; `settle` waits until the read model contains an entry."""

    transport: Transport
    viewer: ApiClient
    operator: ApiClient
    accountant: ApiClient
    rival: ApiClient
    settle: Callable[[Mapping[str, Any]], None]

    @property
    def anonymous(self) -> ApiClient:
        """A client without a token."""
        return ApiClient(self.transport, None)


@pytest.fixture(params=["in-process", "over-http"])
def api(request: pytest.FixtureRequest) -> Api:
    """The API, over each transport in turn."""
    name = "local_api" if request.param == "in-process" else "http_api"
    response: Api = request.getfixturevalue(name)
    return response


@pytest.fixture(scope="session")
def http_api(laptop_cloud: Service) -> Api:
    """The API of the running service."""
    transport = over_http(laptop_cloud.base_url)
    names = ("viewer", "operator", "accountant", "rival")
    users = {name: ApiClient(transport, laptop_cloud.token(name)) for name in names}
    return Api(transport, **users, settle=users["operator"].wait_for)


@pytest.fixture
def local_api(deployed: "Deployed", merchant: str) -> Api:
    """The API of the application in this process, for merchants that no other test uses."""
    transport = in_process(app.app)
    tokens = {
        "viewer": unverified_token(merchant, scopes=(READ,)),
        "operator": unverified_token(merchant, scopes=(READ, WRITE)),
        "accountant": unverified_token(merchant),
        "rival": unverified_token(f"{merchant}-rival"),
    }
    users = {name: ApiClient(transport, token) for name, token in tokens.items()}
    return Api(transport, **users, settle=lambda _entry: deployed.project())


@pytest.fixture(scope="session")
def rejected_tokens(laptop_cloud: Service) -> Tokens:
    """Tokens that the running service must reject, by name."""
    if laptop_cloud.paths is None:
        names = (*NOT_AUTHENTICATED, *FORBIDDEN, *WITH_ONE_SCOPE)
        return {name: os.environ[f"LIVRO_TOKEN_{name.upper()}"] for name in names}
    return laptop_tokens(laptop_cloud.paths, laptop_cloud.token("accountant"))


@dataclass(frozen=True)
class Deployed:
    """The application in this process with its stores; `client` has every scope."""

    table: LedgerTable
    client: ApiClient

    def project(self) -> None:
        """Hand everything in the ledger to the projector, as the stream does."""
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
    """The application over PostgreSQL and an emulated table, for a merchant of this test alone."""
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
    reset()
    # Clients are slow to make, and this one's connection can fail when a test wants it to.
    services = {
        "dynamodb": ledger_table.client_of_one_try(),
        "sqs": _service("sqs"),
        "stepfunctions": _service("stepfunctions"),
    }
    monkeypatch.setattr(clients, "aws", services.__getitem__)
    yield Deployed(ledger_table, ApiClient(in_process(app.app), unverified_token(merchant)))
    reset()


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
