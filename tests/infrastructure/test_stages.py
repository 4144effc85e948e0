"""Stages: what their files may say, and what the functions are told from it."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import Settings
from infrastructure.functions import FUNCTIONS
from infrastructure.policies import place_values
from infrastructure.stage_settings import policy_values, stage_settings, variables
from infrastructure.stages import FOLDER, Stage, StageFaulty, load
from tests.infrastructure.templates import template

PLACE = place_values("trial", "sa-east-1", "123456789012")


def outputs_of(stage: Stage) -> dict[str, str]:
    """Return what a stage's stacks say, each output by its own name."""
    names = [
        "foundation",
        "network",
        "database",
        *(["fast_memory"] if stage.size.fast_memory else []),
    ]
    told = {output for name in names for output in template(name)["Outputs"]}
    return {one: "5432" if one.endswith("Port") else f"the-{one}" for one in told}


@pytest.mark.parametrize("name", [path.stem for path in FOLDER.glob("*.toml")])
def test_the_projects_stages_are_sound(name: str) -> None:
    assert load(name).name == name


def test_production_refuses_to_go_and_a_trial_does_not() -> None:
    production, trial = load("production"), load("trial")
    assert (production.protected, trial.protected) == (True, False)
    assert production.seal_retention_mode == "COMPLIANCE"


def test_an_unknown_stage_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(StageFaulty, match=r"production, trial"):
        load("produktion")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('size = "huge"\nprotected = true', "size"),
        ('size = "small"', "protected"),
        ('size = "small"\nprotected = "no"', "protected"),
        ('size = "small"\nprotected = true\nprotcted = true', "protcted"),
        ('size = "small"\nprotected = true\nseal_retention_mode = "NONE"', "seal_retention_mode"),
    ],
)
def test_a_faulty_file_is_refused_by_the_word_at_fault(
    text: str, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(StageFaulty, match=complaint):
        load("own", tmp_path)


@pytest.mark.parametrize("name", ["trial", "production"])
def test_functions_find_every_setting_that_they_read(name: str) -> None:
    stage = load(name)
    told = Settings(variables(stage, outputs_of(stage), PLACE))
    readable = [one for one in vars(Settings) if isinstance(vars(Settings)[one], property)]
    assert all(getattr(told, one) is not None for one in readable if one != "redis")
    assert (told.database.tls, told.database.iam) == (True, True)
    assert (told.redis is not None) == (stage.size.fast_memory is not None)
    if told.redis:
        assert (told.redis.tls, told.redis.user) == (True, "the-FastMemoryUser")
        assert told.redis.group == "the-FastMemoryName"


def test_only_the_functions_that_need_stores_stand_in_the_network() -> None:
    stage = load("trial")
    told = stage_settings(stage, outputs_of(stage), PLACE)["lambda_functions"]
    inside = {name for name, one in told.items() if "subnet_ids" in one}
    assert inside == {one.name for one in FUNCTIONS if one.sessions}
    assert "pre_token" not in inside


def test_what_a_stage_does_not_have_is_told_to_the_policies_as_absent() -> None:
    for name, there in (("trial", False), ("production", True)):
        stage = load(name)
        values: dict[str, Any] = policy_values(outputs_of(stage), PLACE)
        assert (values["FastMemoryUser"] is not None) == there
        assert values["StateMachineArn"].endswith(
            ":stateMachine:livro-caixa-trial-daily-consolidation"
        )
