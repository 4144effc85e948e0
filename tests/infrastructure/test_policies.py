"""The permissions of each function, and how they are filled in for a stage."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infrastructure import functions
from infrastructure.application import FUNCTIONS
from infrastructure.canary import secret_name
from infrastructure.policies import fill_in, place_values, policies
from infrastructure.stage_settings import policy_values
from tests.infrastructure.templates import template

PROJECT = Path(__file__).parents[2]
CHALICE = PROJECT / ".chalice"
# AWS has no narrower resource for these (service authorization reference).
EVERYWHERE = ("xray:", "ec2:", "dynamodb:ListStreams")
NAMES = {function.name: function.logical_name for function in functions.FUNCTIONS}


@pytest.fixture
def values() -> dict[str, str | None]:
    names = ("foundation", "database", "redis")
    outputs = {output for name in names for output in template(name)["Outputs"]}
    arns = {name: f"arn:aws:made-up:::{name}" for name in outputs}
    return policy_values(arns, place_values("production", "sa-east-1", "123456789012"))


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    for path in policies(CHALICE):
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


def statements(path: Path) -> list[dict[str, Any]]:
    text: list[dict[str, Any]] = json.loads(path.read_text())["Statement"]
    return text


def test_every_function_has_a_configured_policy() -> None:
    config = json.loads((CHALICE / "config.json").read_text())
    files = {
        name: function["iam_policy_file"] for name, function in config["lambda_functions"].items()
    }
    assert files == {name: f"policy-{name}.json" for name in NAMES}
    assert sorted(files.values()) == [path.name for path in policies(CHALICE)]
    assert config["autogen_policy"] is False
    assert set(NAMES.values()) == set(FUNCTIONS)


def test_stacks_have_all_values_of_policies(staged: Path, values: dict[str, str | None]) -> None:
    before = {path.name: len(statements(path)) for path in policies(staged)}
    fill_in(staged, values)
    for path in policies(staged):
        assert "${" not in path.read_text()
        assert len(statements(path)) == before[path.name]


def test_missing_value_writes_nothing(staged: Path, values: dict[str, str | None]) -> None:
    before = [path.read_text() for path in policies(staged)]
    del values["ClientsTableArn"]
    with pytest.raises(KeyError, match="ClientsTableArn"):
        fill_in(staged, values)
    assert [path.read_text() for path in policies(staged)] == before


def test_absent_resource_has_no_statement(staged: Path, values: dict[str, str | None]) -> None:
    fill_in(staged, {**values, "FastMemoryName": None, "FastMemoryUser": None})
    remaining = {statement["Sid"] for path in policies(staged) for statement in statements(path)}
    assert "SignInToTheFastMemory" not in remaining
    assert "SignInToTheReadModel" in remaining


@pytest.mark.parametrize("path", policies(CHALICE), ids=lambda path: path.stem)
def test_permissions_are_specific(path: Path) -> None:
    for statement in statements(path):
        assert not any("*" in action for action in statement["Action"])
        resources = statement["Resource"]
        for resource in [resources] if isinstance(resources, str) else resources:
            if resource == "*":
                assert all(action.startswith(EVERYWHERE) for action in statement["Action"])
            else:
                assert re.fullmatch(r"[^*]+([:/]\*)?", resource)


@pytest.mark.parametrize("name", NAMES)
def test_function_writes_only_its_own_log(name: str) -> None:
    policy = statements(CHALICE / f"policy-{name}.json")
    (log,) = [part["Resource"] for part in policy if part["Sid"] == "WriteItsLog"]
    group = f"log-group:/aws/lambda/livro-caixa-${{Stage}}{FUNCTIONS[NAMES[name]]}:*"
    assert log.endswith(group)


def test_canary_reads_only_its_own_secret() -> None:
    """Cognito has no right to read one client's secret only: it would be those of all merchants."""
    policy = statements(CHALICE / "policy-canary.json")
    (secret,) = [part for part in policy if part["Sid"] == "ReadItsSecret"]
    assert secret["Action"] == ["ssm:GetParameter"]
    assert secret["Resource"].endswith(f":parameter{secret_name('${Stage}')}")
    for name in NAMES:
        assert "cognito-idp:" not in str(statements(CHALICE / f"policy-{name}.json"))


@pytest.mark.parametrize("name", NAMES)
def test_only_the_api_changes_entries(name: str) -> None:
    policy = statements(CHALICE / f"policy-{name}.json")
    # Imports are stored beside the ledger, and their texts are deleted.
    others = ("StoreImports", "StoreRowsOfBankFiles")
    parts = [part for part in policy if part["Effect"] == "Allow" and part["Sid"] not in others]
    allowed = {action for part in parts for action in part["Action"]}
    deleting = {action for action in allowed if ":Delete" in action or "Batch" in action}
    assert deleting <= {"dynamodb:BatchGetItem", "ec2:DeleteNetworkInterface"}
    writing = allowed & {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    # A run that a merchant started stores its summary with the request.
    expected = {
        "api_handler": {"dynamodb:PutItem", "dynamodb:UpdateItem"},
        "summarize_consolidation": {"dynamodb:UpdateItem"},
    }
    assert writing == expected.get(name, set())
