"""The API over two transports: in this process over real stores, and over HTTP to a whole service.

The service is the laptop cloud, or the deployment that LIVRO_BASE_URL names; then every token comes
from LIVRO_TOKEN_<NAME>: VIEWER, OPERATOR, ACCOUNTANT, RIVAL, and those that tokens.py names.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest

import app
from chalicelib.runtime import clients
from chalicelib.runtime.wiring import reset
from tests.api.tokens import FORBIDDEN, NOT_AUTHENTICATED, Tokens, laptop_tokens
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.emulated_aws import create_state_machine
from tests.fixtures.ledger_table import LedgerTable
from tests.fixtures.service import Service
from verification.kit.api_client import (
    ApiClient,
    Transport,
    in_process,
    over_http,
    unverified_token,
)


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


@pytest.fixture(params=["in-process", "over-http"])
def anonymous(request: pytest.FixtureRequest) -> ApiClient:
    """A client without a token, over each transport in turn; in this process without stores."""
    if request.param == "in-process":
        return ApiClient(in_process(app.app), None)
    api: Api = request.getfixturevalue("http_api")
    return api.anonymous


@pytest.fixture
def operator(api: Api) -> ApiClient:
    """A client that reads and records, over each transport in turn."""
    return api.operator


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
    transport = deployed.client.transport
    tokens = {
        "viewer": unverified_token(merchant, scopes=("livro-caixa/read",)),
        "operator": unverified_token(merchant, scopes=("livro-caixa/read", "livro-caixa/write")),
        "accountant": unverified_token(merchant),
        "rival": unverified_token(f"{merchant}-rival"),
    }
    users = {name: ApiClient(transport, token) for name, token in tokens.items()}
    return Api(transport, **users, settle=lambda _entry: deployed.project())


@pytest.fixture(scope="session")
def rejected_tokens(laptop_cloud: Service) -> Tokens:
    """Tokens that the running service must reject, by name."""
    if laptop_cloud.paths is None:
        names = (*NOT_AUTHENTICATED, *FORBIDDEN)
        return {name: os.environ[f"LIVRO_TOKEN_{name.upper()}"] for name in names}
    return laptop_tokens(laptop_cloud.paths, laptop_cloud.token("accountant"))


@dataclass(frozen=True)
class Deployed:
    """The application in this process with its stores; `client` has every scope."""

    table: LedgerTable
    client: ApiClient

    def project(self) -> None:
        """Hand everything in the ledger to the projector."""
        self.deliver(("INSERT", item) for item in self.table.items())

    def deliver(self, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Hand items to the projector as the stream does, each after INSERT or MODIFY."""
        records = [
            {"eventName": kind, "dynamodb": {"Keys": {}, "NewImage": item}}
            for kind, item in changes
        ]
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
    variables = {
        "ENTRIES_TABLE": ledger_table.name,
        "SETTINGS_TABLE": "settings",
        "IMPORTS_TABLE": "imports",
        "IMPORT_BUCKET": _bucket("bank-files"),
        "QUARANTINE_QUEUE_URL": "https://sqs.sa-east-1.amazonaws.com/000000000000/quarantine",
        "DATABASE_HOST": read_model_database.host,
        "DATABASE_PORT": str(read_model_database.port),
        "DATABASE_NAME": read_model_database.name,
        "DATABASE_TLS": "off",
        "DATABASE_AUTH": "trust",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "STATE_MACHINE_ARN": create_state_machine(_service("stepfunctions"), "consolidation"),
        "SEAL_BUCKET": _bucket("seals", ObjectLockEnabledForBucket=True),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REDIS_HOST", raising=False)
    reset()
    # Clients are slow to make, and this one's connection can fail when a test wants it to.
    services = {"dynamodb": ledger_table.client_of_one_try()}
    monkeypatch.setattr(clients, "aws", lambda name: services.get(name) or _service(name))
    monkeypatch.setattr(clients, "database", partial(_patient_connection, clients.database))
    yield Deployed(ledger_table, ApiClient(in_process(app.app), unverified_token(merchant)))
    reset()


def _patient_connection(connect: Callable[..., Any], role: str, timeout: float = 0.0) -> Any:
    """Connect with limits that a busy machine does not reach."""
    connection = connect(role, timeout + 60)
    connection.run("SET statement_timeout = '60s'")
    return connection


@cache
def _service(name: str) -> Any:
    import boto3

    return boto3.Session(region_name="sa-east-1").client(name)


def _bucket(name: str, **settings: Any) -> str:
    storage = _service("s3")
    place = {"LocationConstraint": "sa-east-1"}
    with suppress(storage.exceptions.BucketAlreadyOwnedByYou):
        storage.create_bucket(Bucket=name, CreateBucketConfiguration=place, **settings)
    return name
