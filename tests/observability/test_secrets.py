"""Logs never contain a token, key, name or description: every route is called with marked ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import app
import tests.api.conftest
from chalicelib.api.openapi.document import Operation, operations_of
from chalicelib.runtime import clients
from tests.api.conftest import Deployed
from tests.fixtures.ledger_table import unreachable
from verification.kit.api_client import ApiClient, Response, in_process, unverified_token

deployed = tests.api.conftest.deployed
MARK = "segredo"
JOANA = {"username": f"{MARK}-username", "email": f"{MARK}@example.com", "jti": f"{MARK}-jti"}
ENTRY = {
    "type": "credit",
    "amount": "150.75",
    "description": f"Maria {MARK} 123.456.789-09",
    "metadata": {f"{MARK}-name": f"{MARK}-value"},
}
BODIES: dict[str, Any] = {
    "record_entry": ENTRY,
    "record_entries": {
        "entries": [
            {**ENTRY, "idempotency_key": f"{MARK}-a"},
            {**ENTRY, "idempotency_key": f"{MARK}-a", "amount": "1.00"},
            {**ENTRY, "idempotency_key": f"{MARK}-b", "type": MARK},
        ]
    },
    "reverse_entry": {"reason": f"{MARK} reason"},
}
BROKEN = [
    f'{{"{MARK}": "{MARK}"',
    json.dumps({**ENTRY, MARK: MARK}),
    json.dumps({**ENTRY, "type": MARK, "amount": MARK, "account": MARK.upper()}),
    json.dumps([MARK]),
]


class Driver:
    """Sends marked requests to any operation."""

    def __init__(self, merchant: str, entry_id: str = "a" * 32) -> None:
        self.merchant = merchant
        self.entry_id = entry_id

    def send(self, operation: Operation, body: str | None = None, query: str = "") -> Response:
        """Call an operation, with its usual body or another one."""
        path = operation.path.replace("{entry_id}", self.entry_id).replace("{day}", "2026-11-22")
        name = operation.endpoint.name
        sent = json.dumps(BODIES.get(name, ENTRY)) if body is None else body
        token = unverified_token(self.merchant, f"{MARK}-subject", extra=JOANA)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{MARK}-{name}",
            "X-Amzn-Trace-Id": f"Root={MARK}",
            "User-Agent": f"{MARK}/1",
            "Cookie": f"session={MARK}",
        }
        client = ApiClient(in_process(app.app), f"{token}{MARK}")
        return client.request(operation.method, path + query, headers, sent.encode())


@pytest.fixture
def driver(deployed: Deployed, merchant: str) -> Driver:
    return Driver(merchant)


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """The lines written by the test, which are checked at its end."""
    lines: list[str] = []
    yield lines
    out, err = capfd.readouterr()
    lines += out.splitlines()
    assert lines
    assert [line for line in lines if MARK in line.lower() or "123.456" in line] == []
    assert err == ""


def operations() -> list[Operation]:
    return list(operations_of(app.app.routes))


def test_successful_requests_reveal_nothing(
    driver: Driver, deployed: Deployed, written: list[str]
) -> None:
    response = {op.endpoint.name: driver.send(op) for op in operations() if op.method == "POST"}
    driver.entry_id = response["record_entry"].json["id"]
    response |= {operation.endpoint.name: driver.send(operation) for operation in operations()}
    assert response["record_entry"].headers["idempotent-replayed"] == "true"
    assert response["reverse_entry"].status == 201
    assert [result["status"] for result in response["record_entries"].json["results"]] == [
        201,
        422,
        422,
    ]
    assert MARK in response["get_entry"].text
    deployed.project()
    deployed.project()


def test_rejected_requests_reveal_nothing(driver: Driver, written: list[str]) -> None:
    for operation in operations():
        for body in BROKEN:
            driver.send(operation, body, f"?{MARK}={MARK}")
        driver.send(operation, query=f"?cursor={MARK}&q={MARK}&account={MARK}&from={MARK}")
        driver.send(operation, query=f"?q={MARK}&account={MARK}")
    driver.entry_id = MARK
    statuses = {
        driver.send(operation, "{}").status
        for operation in operations()
        if operation.endpoint.scope
    }
    assert statuses & {400, 404, 422}


def test_unreachable_stores_reveal_nothing(
    driver: Driver, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, written: list[str]
) -> None:
    def refuse(_role: str, _timeout: float = 1.0) -> Any:
        raise ConnectionRefusedError("connection refused")

    monkeypatch.setattr(clients, "database", refuse)
    for name in ("PutItem", "BatchGetItem", "TransactWriteItems", "GetItem"):
        deployed.table.wire.twist(name, *[unreachable] * 50)
    statuses = {driver.send(operation).status for operation in operations()}
    assert 503 in statuses


def test_invalid_records_reveal_nothing(
    deployed: Deployed, merchant: str, written: list[str]
) -> None:
    deployed.client.post("/v1/entries", ENTRY)
    (item,) = deployed.table.items()
    invalid = {**item, "amount_minor": {"N": f"{MARK}"}, "entry_id": {"S": "b" * 32}}
    broken = {**item, "description": {"S": f"{MARK}\0"}, "entry_id": {"S": "c" * 32}}
    records = [
        {
            "eventName": "INSERT",
            "dynamodb": {"Keys": {"entry_id": item["entry_id"]}, "NewImage": item},
        }
        for item in (invalid, broken)
    ]
    with pytest.raises(Exception) as caught:  # without SQS the batch is retried
        app.projector({"Records": records}, None)
    assert MARK not in str(caught.value)
