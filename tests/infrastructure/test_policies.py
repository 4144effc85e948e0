"""What each function may do in AWS, and how a stage's own names get into it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infrastructure import functions
from infrastructure.application import FUNCTIONS
from infrastructure.policies import fill_in, place_values, policies
from infrastructure.stage_settings import policy_values
from tests.infrastructure.templates import template

PROJECT = Path(__file__).parents[2]
CHALICE = PROJECT / ".chalice"
# AWS knows no narrower resource for these (service authorization reference).
EVERYWHERE = ("xray:", "ec2:")
NAMES = {one.name: one.logical_name for one in functions.FUNCTIONS}


@pytest.fixture
def values() -> dict[str, str | None]:
    names = ("foundation", "database", "redis")
    outputs = {output for name in names for output in template(name)["Outputs"]}
    result = {name: f"arn:aws:made-up:::{name}" for name in outputs}
    return policy_values(result, place_values("production", "sa-east-1", "123456789012"))


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    for path in policies(CHALICE):
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


def statements(path: Path) -> list[dict[str, Any]]:
    text: list[dict[str, Any]] = json.loads(path.read_text())["Statement"]
    return text


def test_every_function_has_its_policy_and_chalice_is_told_of_it() -> None:
    config = json.loads((CHALICE / "config.json").read_text())
    result = {
        name: function["iam_policy_file"] for name, function in config["lambda_functions"].items()
    }
    assert result == {name: f"policy-{name}.json" for name in NAMES}
    assert sorted(result.values()) == [path.name for path in policies(CHALICE)]
    assert config["autogen_policy"] is False
    assert set(NAMES.values()) == set(FUNCTIONS)


def test_policies_ask_for_nothing_that_the_stacks_do_not_tell(
    staged: Path, values: dict[str, str | None]
) -> None:
    before = {path.name: len(statements(path)) for path in policies(staged)}
    fill_in(staged, values)
    for path in policies(staged):
        assert "${" not in path.read_text()
        assert len(statements(path)) == before[path.name]


def test_a_value_that_is_missing_stops_everything(
    staged: Path, values: dict[str, str | None]
) -> None:
    before = [path.read_text() for path in policies(staged)]
    del values["ClientsTableArn"]
    with pytest.raises(KeyError, match="ClientsTableArn"):
        fill_in(staged, values)
    assert [path.read_text() for path in policies(staged)] == before


def test_nothing_is_allowed_about_what_a_stage_does_not_have(
    staged: Path, values: dict[str, str | None]
) -> None:
    fill_in(staged, {**values, "FastMemoryName": None, "FastMemoryUser": None})
    left = {statement["Sid"] for path in policies(staged) for statement in statements(path)}
    assert "SignInToTheFastMemory" not in left
    assert "SignInToTheReadModel" in left


@pytest.mark.parametrize("path", policies(CHALICE), ids=lambda path: path.stem)
def test_rights_are_single_actions_on_single_resources(path: Path) -> None:
    for statement in statements(path):
        assert not any("*" in action for action in statement["Action"])
        resources = statement["Resource"]
        for resource in [resources] if isinstance(resources, str) else resources:
            if resource == "*":
                assert all(action.startswith(EVERYWHERE) for action in statement["Action"])
            else:
                assert re.fullmatch(r"[^*]+([:/]\*)?", resource)


@pytest.mark.parametrize("name", NAMES)
def test_each_function_writes_its_own_log_alone(name: str) -> None:
    result = statements(CHALICE / f"policy-{name}.json")
    (log,) = [one["Resource"] for one in result if one["Sid"] == "WriteItsLog"]
    group = f"log-group:/aws/lambda/livro-caixa-${{Stage}}{FUNCTIONS[NAMES[name]]}:*"
    assert log.endswith(group)


@pytest.mark.parametrize("name", NAMES)
def test_no_function_can_delete_what_is_kept(name: str) -> None:
    result = statements(CHALICE / f"policy-{name}.json")
    allowed = {action for one in result if one["Effect"] == "Allow" for action in one["Action"]}
    deleting = {action for action in allowed if ":Delete" in action or "Batch" in action}
    assert deleting <= {"dynamodb:BatchGetItem", "ec2:DeleteNetworkInterface"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"api_handler"}))
def test_only_the_api_can_write_entries(name: str) -> None:
    result = statements(CHALICE / f"policy-{name}.json")
    actions = {action for statement in result for action in statement["Action"]}
    assert not actions & {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
