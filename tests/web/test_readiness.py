"""Readiness: every dependency asked, none waited for, and writes decide."""

import threading
import time
from typing import Any

import pytest

from chalicelib.api.readiness import answering
from chalicelib.runtime import clients, settings
from local.stores.valkey import Valkey
from tests.fixtures.ledger_table import unreachable
from tests.web.conftest import Deployed

PATH = "/health/ready"


def test_a_dependency_that_answers_is_ok_and_one_that_fails_or_hangs_is_down() -> None:
    hanging = threading.Event()
    probes: dict[str, Any] = {"well": lambda: 1, "broken": lambda: 1 / 0, "hung": hanging.wait}
    started = time.monotonic()
    assert answering(probes, 0.05) == {"well": True, "broken": False, "hung": False}
    assert time.monotonic() - started < 1
    hanging.set()


def test_all_well_is_ready(
    deployed: Deployed, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_HOST", valkey.host)
    monkeypatch.setenv("REDIS_PORT", str(valkey.port))
    monkeypatch.setenv("REDIS_TLS", "off")
    settings.current.cache_clear()
    response = deployed.asker.get(PATH)
    dependencies = {"dynamodb": "ok", "postgresql": "ok", "redis": "ok"}
    assert (response.status, response.json) == (200, {"status": "ok", "dependencies": dependencies})


def test_without_the_read_model_entries_can_be_recorded(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PORT", "1")
    settings.current.cache_clear()
    clients.fast_memory.cache_clear()
    response = deployed.asker.get(PATH)
    assert response.status == 200
    assert response.json["dependencies"] == {"dynamodb": "ok", "postgresql": "down"}


def test_without_the_ledger_the_service_is_not_ready(deployed: Deployed) -> None:
    deployed.table.wire.twist("GetItem", unreachable)
    response = deployed.asker.get(PATH)
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json["dependencies"] == {"dynamodb": "down", "postgresql": "ok"}


def test_a_frozen_store_is_waited_for_1_5_s(deployed: Deployed) -> None:
    frozen = threading.Event()
    deployed.table.wire.twist("GetItem", lambda _: frozen.wait(20))
    started = time.monotonic()
    response = deployed.asker.get(PATH)
    assert 1.5 <= time.monotonic() - started < 15
    frozen.set()
    assert response.json["dependencies"]["dynamodb"] == "down"


def test_health_touches_nothing(deployed: Deployed) -> None:
    response = deployed.asker.get("/health")
    assert (response.status, response.json) == (200, {"status": "ok"})
    assert not deployed.table.wire.calls
