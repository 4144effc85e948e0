"""The whole stack on the emulator: every template, and an update that loses nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy import layers
from infrastructure.sizes import LARGE
from local.deployment import LAPTOP, TARGET, deploy_application, deploy_foundation, laptop_stacks
from local.emulator import ACCESS
from local.paths import PROJECT
from tests.fixtures.user_pool import UserPool
from verification.kit.api_client import ApiClient, over_http

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
    return {stack["StackName"]: stack["StackStatus"] for stack in result}


def test_laptop_deploys_every_template(user_pool: UserPool) -> None:
    templates = {path.stem for path in (PROJECT / "infrastructure").glob("*.yaml")}
    assert templates | {"logs", "application", "night"} == set(STACKS)
    result = stacks(user_pool)
    assert set(result) == set(STACKS.values())
    assert set(result.values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def test_functions_use_the_stages_time_zone(user_pool: UserPool) -> None:
    listed: Any = user_pool.emulator.client("lambda").list_functions()["Functions"]
    own = [each for each in listed if each["FunctionName"].startswith("livro-caixa-laptop-")]
    zones = {each["Environment"]["Variables"]["BUSINESS_TIME_ZONE"] for each in own}
    assert zones == {LAPTOP.business_time_zone} == {"America/Sao_Paulo"}


@pytest.fixture
def restored_stage(user_pool: UserPool) -> Iterator[None]:
    yield
    assert deploy_foundation(user_pool.emulator) == user_pool.outputs


@pytest.mark.usefixtures("restored_stage")
def test_update_keeps_entries_and_base_url(
    user_pool: UserPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in ACCESS.items():
        monkeypatch.setenv(name, text)
    user_pool.assign_machine("padaria")
    token = user_pool.machine_token().body["access_token"]
    client = ApiClient(over_http(user_pool.deployed.base_url), token)
    entry = client.record(amount="150.75")
    changed = replace(LAPTOP, size=replace(LARGE, log_days=30), seal_retention_days=2)
    outputs = layers.deploy_layers(laptop_stacks(user_pool.emulator), changed, TARGET)
    assert outputs == user_pool.outputs
    again = deploy_application(user_pool.emulator, outputs, {"CHANGED": "yes"}, tmp_path / "build")
    assert again.base_url == user_pool.deployed.base_url
    result = stacks(user_pool)
    updated = (STACKS[name] for name in ("foundation", "logs", "application"))
    assert {result[name] for name in updated} == {"UPDATE_COMPLETE"}
    assert client.get(f"/v1/entries/{entry['id']}").json == entry
