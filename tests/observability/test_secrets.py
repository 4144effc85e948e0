"""Logs never contain a token, key, name or description: every route is called with marked ones."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import app
import tests.api.conftest
from chalicelib.api.openapi.document import Operation, operations_of
from chalicelib.runtime import clients
from tests.api.conftest import Deployed
from tests.fixtures.ledger_table import unreachable
from verification.kit.api_client import ApiClient, Response, unverified_token

deployed = tests.api.conftest.deployed
MARK = "segredo"
JOANA = {"username": f"{MARK}-username", "email": f"{MARK}@example.com", "jti": f"{MARK}-jti"}
ENTRY = {
    "type": "credit",
    "amount": "150.75",
    "description": f"Maria {MARK} 123.456.789-09",
    "metadata": {f"{MARK}-name": f"{MARK}-value"},
}
ITEMS = [
    {**ENTRY, "idempotency_key": f"{MARK}-a"},
    {**ENTRY, "idempotency_key": f"{MARK}-a", "amount": "1.00"},
    {**ENTRY, "idempotency_key": f"{MARK}-b", "type": MARK},
]
BODIES = {"record_entries": {"entries": ITEMS}, "reverse_entry": {"reason": f"{MARK} reason"}}
BROKEN = [
    f'{{"{MARK}": "{MARK}"',
    json.dumps({**ENTRY, MARK: MARK}),
    json.dumps({**ENTRY, "type": MARK, "amount": MARK, "account": MARK.upper()}),
    json.dumps([MARK]),
]
OPERATIONS = list(operations_of(app.app.routes))
Send = Callable[..., Response]


@pytest.fixture
def send(deployed: Deployed, merchant: str) -> Send:
    """Call an operation with marked headers, and its usual body or another one."""
    token = unverified_token(merchant, f"{MARK}-subject", extra=JOANA)
    client = ApiClient(deployed.client.transport, f"{token}{MARK}")

    def send_marked(
        operation: Operation, body: str | None = None, query: str = "", entry_id: str = "a" * 32
    ) -> Response:
        path = operation.path.replace("{entry_id}", entry_id).replace("{day}", "2026-11-22")
        name = operation.endpoint.name
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{MARK}-{name}",
            "X-Amzn-Trace-Id": f"Root={MARK}",
            "User-Agent": f"{MARK}/1",
            "Cookie": f"session={MARK}",
        }
        sent = json.dumps(BODIES.get(name, ENTRY)) if body is None else body
        return client.request(operation.method, path + query, headers, sent.encode())

    return send_marked


@pytest.fixture(autouse=True)
def written(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Check at the end of the test what it has written."""
    yield
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines
    assert [line for line in lines if MARK in line.lower() or "123.456" in line] == []
    assert err == ""


def test_successful_requests_reveal_nothing(send: Send, deployed: Deployed) -> None:
    responses = {op.endpoint.name: send(op) for op in OPERATIONS if op.method == "POST"}
    entry_id = responses["record_entry"].json["id"]
    responses |= {op.endpoint.name: send(op, entry_id=entry_id) for op in OPERATIONS}
    assert responses["record_entry"].headers["idempotent-replayed"] == "true"
    assert responses["reverse_entry"].status == 201
    results = responses["record_entries"].json["results"]
    assert [result["status"] for result in results] == [201, 422, 422]
    assert MARK in responses["get_entry"].text
    deployed.project()
    deployed.project()


def test_rejected_requests_reveal_nothing(send: Send) -> None:
    for operation in OPERATIONS:
        for body in BROKEN:
            send(operation, body, f"?{MARK}={MARK}")
        send(operation, query=f"?cursor={MARK}&q={MARK}&account={MARK}&from={MARK}")
        send(operation, query=f"?q={MARK}&account={MARK}")
    scoped = [operation for operation in OPERATIONS if operation.endpoint.scope]
    assert {send(operation, "{}", entry_id=MARK).status for operation in scoped} & {400, 404, 422}


def test_unreachable_stores_reveal_nothing(
    send: Send, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_role: str, _timeout: float = 1.0) -> Any:
        raise ConnectionRefusedError("connection refused")

    monkeypatch.setattr(clients, "database", refuse)
    for name in ("PutItem", "BatchGetItem", "TransactWriteItems", "GetItem"):
        deployed.table.wire.twist(name, *[unreachable] * 50)
    assert 503 in {send(operation).status for operation in OPERATIONS}


def test_invalid_records_reveal_nothing(deployed: Deployed) -> None:
    deployed.client.post("/v1/entries", ENTRY)
    (item,) = deployed.table.items()
    invalid = {**item, "amount_minor": {"N": f"{MARK}"}, "entry_id": {"S": "b" * 32}}
    broken = {**item, "description": {"S": f"{MARK}\0"}, "entry_id": {"S": "c" * 32}}
    with pytest.raises(Exception) as caught:  # without SQS the batch is retried
        deployed.deliver([("INSERT", invalid), ("INSERT", broken)])
    assert MARK not in str(caught.value)
