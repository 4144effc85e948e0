"""Readiness: every store is checked, none is waited for long, and the ledger decides."""

import threading
import time
from typing import Any

import pytest

from chalicelib.api.readiness import responding
from chalicelib.runtime.wiring import reset
from local.stores.valkey import Valkey
from tests.api.conftest import Api, Deployed
from tests.fixtures.ledger_table import unreachable

PATH = "/health/ready"


def test_failing_and_hanging_stores_are_down() -> None:
    hanging = threading.Event()
    probes: dict[str, Any] = {"well": lambda: 1, "broken": lambda: 1 / 0, "hung": hanging.wait}
    started = time.monotonic()
    assert responding(probes, 0.05) == {"well": True, "broken": False, "hung": False}
    assert time.monotonic() - started < 1
    hanging.set()


def test_all_stores_ok_is_ready(
    deployed: Deployed, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"REDIS_HOST": valkey.host, "REDIS_PORT": str(valkey.port), "REDIS_TLS": "off"}
    for name, text in place.items():
        monkeypatch.setenv(name, text)
    reset()
    response = deployed.client.get(PATH)
    dependencies = {"dynamodb": "ok", "postgresql": "ok", "redis": "ok"}
    assert (response.status, response.json) == (200, {"status": "ok", "dependencies": dependencies})


def test_ready_without_the_read_model(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PORT", "1")
    reset()
    response = deployed.client.get(PATH)
    assert response.status == 200
    assert response.json["dependencies"] == {"dynamodb": "ok", "postgresql": "down"}


def test_not_ready_without_the_ledger(deployed: Deployed) -> None:
    deployed.table.wire.twist("GetItem", unreachable)
    response = deployed.client.get(PATH)
    assert response.is_problem(503)
    assert response.headers["retry-after"] == "1"
    assert response.json["dependencies"] == {"dynamodb": "down", "postgresql": "ok"}


def test_frozen_store_is_waited_for_1_5_seconds(deployed: Deployed) -> None:
    frozen = threading.Event()
    deployed.table.wire.twist("GetItem", lambda _: frozen.wait(20))
    started = time.monotonic()
    response = deployed.client.get(PATH)
    assert 1.5 <= time.monotonic() - started < 15
    frozen.set()
    assert response.json["dependencies"]["dynamodb"] == "down"


def test_health_touches_no_store(deployed: Deployed) -> None:
    response = deployed.client.get("/health")
    assert (response.status, response.json) == (200, {"status": "ok"})
    assert not deployed.table.wire.calls


def test_running_service_reports_its_stores(http_api: Api) -> None:
    assert http_api.anonymous.get("/health").json == {"status": "ok"}
    response = http_api.anonymous.get(PATH)
    assert (response.status, response.json["status"]) == (200, "ok")
    assert set(response.json["dependencies"].values()) == {"ok"}
