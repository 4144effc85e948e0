"""Readiness: every store is checked, none is waited for long, and the ledger decides."""

import threading
import time
from typing import Any

import pytest

from chalicelib.queries.wiring import MOST_CONNECTIONS
from chalicelib.runtime import clients
from chalicelib.runtime.wiring import reset
from local.stores.valkey import Valkey
from tests.api.conftest import Api, Deployed
from tests.fixtures.ledger_table import unreachable
from tests.fixtures.redis_client import use_redis
from tests.fixtures.threads import crowd

PATH = "/health/ready"


def test_all_stores_ok_is_ready(
    deployed: Deployed, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_redis(monkeypatch, valkey)
    response = deployed.client.get(PATH)
    dependencies = {"dynamodb": "ok", "postgresql": "ok", "redis": "ok"}
    assert (response.status, response.json) == (200, {"status": "ok", "dependencies": dependencies})


def test_ready_without_the_read_model(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PORT", "1")
    reset()
    response, down = deployed.client.get(PATH), {"dynamodb": "ok", "postgresql": "down"}
    assert (response.status, response.json["dependencies"]) == (200, down)


def test_checks_use_the_connections_of_reads(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = list[str](), clients.database

    def counted(role: str) -> Any:
        opened.append(role)
        return connect(role)

    monkeypatch.setattr(clients, "database", counted)
    for method in ("GET", "HEAD") * 10:
        assert deployed.client.request(method, PATH).status == 200
        assert deployed.client.get("/v1/entries").status == 200
    assert opened == ["livro_reader"]
    crowd(30, lambda _: deployed.client.get(PATH).json)
    assert len(opened) <= MOST_CONNECTIONS


def test_not_ready_without_the_ledger(deployed: Deployed) -> None:
    deployed.table.wire.twist("GetItem", unreachable)
    response = deployed.client.get(PATH)
    assert response.is_problem(503) and response.headers["retry-after"] == "1"
    assert response.json["dependencies"] == {"dynamodb": "down", "postgresql": "ok"}


def test_frozen_store_is_waited_for_1_5_seconds(deployed: Deployed) -> None:
    frozen = threading.Event()
    deployed.table.wire.twist("GetItem", lambda _: frozen.wait(20))
    started = time.monotonic()
    response = deployed.client.get(PATH)
    assert 1.5 <= time.monotonic() - started < 15
    frozen.set()
    assert response.json["dependencies"]["dynamodb"] == "down"


def test_running_service_reports_its_stores(http_api: Api) -> None:
    assert http_api.anonymous.get("/health").json == {"status": "ok"}
    response = http_api.anonymous.get(PATH)
    assert (response.status, response.json["status"]) == (200, "ok")
    assert set(response.json["dependencies"].values()) == {"ok"}
