"""The whole stack on the emulator: every template there is, and updates that lose nothing."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy import layers
from infrastructure.sizes import LARGE
from local.deployment import deploy_application
from local.emulator import ACCESS
from local.http_client import Answer, call
from local.paths import PROJECT
from local.stage import LAPTOP, TARGET, laptop_stage
from tests.fixtures.user_pool import UserPool

STACKS = {
    "account": "livro-caixa-account",
    "foundation": "livro-caixa-laptop-foundation",
    "network": "livro-caixa-laptop-network",
    "database": "livro-caixa-laptop-database",
    "redis": "livro-caixa-laptop-fast-memory",
    "observability": "livro-caixa-laptop-observability",
    "logs": "livro-caixa-laptop-logs",
    "application": "livro-caixa-laptop",
    "night": "livro-caixa-laptop-night",
}


def stacks(user_pool: UserPool) -> dict[str, str]:
    """Return every stack's status by its name."""
    result: Any = user_pool.emulator.client("cloudformation").describe_stacks()["Stacks"]
    return {one["StackName"]: one["StackStatus"] for one in result}


def test_every_template_of_production_stands_on_the_laptop(user_pool: UserPool) -> None:
    templates = {path.stem for path in (PROJECT / "infrastructure").glob("*.yaml")}
    assert templates | {"logs", "application", "night"} == set(STACKS)
    result = stacks(user_pool)
    assert set(result) == set(STACKS.values())
    assert set(result.values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def ask(user_pool: UserPool, method: str, path: str, body: str | None = None) -> Answer:
    token = user_pool.machine_token().body["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": secrets.token_hex(8),
    }
    return call(method, f"{user_pool.deployed.base_url}{path}", headers, body)


@pytest.fixture
def afterwards_as_before(user_pool: UserPool) -> Iterator[None]:
    yield
    laptop_stage(user_pool.emulator).stand_up()


@pytest.mark.usefixtures("afterwards_as_before")
def test_an_update_in_place_keeps_what_was_recorded_and_where_it_answers(
    user_pool: UserPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in ACCESS.items():
        monkeypatch.setenv(name, text)
    user_pool.assign_machine("padaria")
    entry = ask(user_pool, "POST", "/v1/entries", '{"type": "credit", "amount": "150.75"}')
    assert entry.status == 201, entry.body
    changed = replace(LAPTOP, size=replace(LARGE, log_days=30), seal_retention_days=2)
    outputs = layers.deploy_layers(laptop_stage(user_pool.emulator).stacks, changed, TARGET)
    assert outputs == user_pool.outputs
    again = deploy_application(user_pool.emulator, outputs, {"CHANGED": "yes"}, tmp_path / "build")
    assert again.base_url == user_pool.deployed.base_url
    result = stacks(user_pool)
    updated = (STACKS[one] for one in ("foundation", "logs", "application"))
    assert {result[one] for one in updated} == {"UPDATE_COMPLETE"}
    kept = ask(user_pool, "GET", f"/v1/entries/{entry.body['id']}")
    assert (kept.status, kept.body) == (200, entry.body)
