"""Stages: what their files may say, and what the functions are told from it."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.runtime.settings import Settings
from infrastructure.functions import FUNCTIONS
from infrastructure.policies import place_values
from infrastructure.stage_settings import policy_values, stage_settings, variables
from infrastructure.stages import FOLDER, Stage, StageFileError, load
from tests.infrastructure.templates import template

SOUND = 'size = "small"\nprotected = true\n'
PLACE = place_values("trial", "sa-east-1", "123456789012")


def outputs_of(stage: Stage) -> dict[str, str]:
    """Return what a stage's stacks say, each output by its own name."""
    names = [
        "foundation",
        "network",
        "database",
        *(["redis"] if stage.size.redis else []),
    ]
    result = {output for name in names for output in template(name)["Outputs"]}
    return {one: "5432" if one.endswith("Port") else f"the-{one}" for one in result}


@pytest.mark.parametrize("name", [path.stem for path in FOLDER.glob("*.toml")])
def test_the_projects_stages_are_sound(name: str) -> None:
    assert load(name).name == name


def test_production_refuses_to_go_and_a_trial_does_not() -> None:
    production, trial = load("production"), load("trial")
    assert (production.protected, trial.protected) == (True, False)
    assert production.seal_retention_mode == "COMPLIANCE"


def test_a_short_file_leaves_a_stage_its_safe_values(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SOUND)
    stage = load("own", tmp_path)
    assert stage.business_time_zone == "America/Sao_Paulo"
    assert stage.callback_urls == ("http://localhost:8000/",)
    assert (stage.seal_retention_mode, stage.seal_retention_days) == ("GOVERNANCE", 1830)
    assert (stage.alarm_email, stage.password_sign_in) == ("", False)


def test_an_unknown_stage_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(StageFileError, match=r"production, trial"):
        load("produktion")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('size = "huge"\nprotected = true', "size"),
        ('size = "small"', "protected"),
        ('size = "small"\nprotected = "no"', "protected"),
        ('size = "small"\nprotected = true\nprotcted = true', "protcted"),
        ('size = "small"\nprotected = true\nseal_retention_mode = "NONE"', "seal_retention_mode"),
        ('size = "small"\nprotected = 1', "protected = 1; it is true or false"),
        ("size = ", "own.toml is no TOML"),
        (f"{SOUND}seal_retention_days = '5'", "whole number of days from 1 to 36500"),
        (f"{SOUND}seal_retention_days = 0", "whole number of days"),
        (f"{SOUND}seal_retention_days = true", "whole number of days"),
        (f"{SOUND}callback_urls = 'https://a.example/'", "a list of addresses"),
        (f"{SOUND}callback_urls = []", "a list of addresses"),
        (f"{SOUND}callback_urls = ['http://a.example/']", "a list of addresses"),
        (f"{SOUND}callback_urls = ['https://a.example/,b']", "a list of addresses"),
        (f"{SOUND}business_time_zone = 'Brazil'", "time zone"),
        (f"{SOUND}business_time_zone = '../../etc'", "time zone"),
        (f"{SOUND}business_time_zone = -3", "time zone"),
        (f"{SOUND}alarm_email = 'plantao'", "an address"),
        (f"{SOUND}alarm_email = ['a@b.example']", "an address"),
    ],
)
def test_a_faulty_file_is_refused_by_the_word_at_fault(
    text: str, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(StageFileError, match=complaint):
        load("own", tmp_path)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("size = 1\nprotcted = true\nalarm_email = 2")
    with pytest.raises(StageFileError) as result:
        load("own", tmp_path)
    assert str(result.value).splitlines() == [
        "own.toml says 'protcted', which no stage has.",
        'own.toml: size = 1; it is "small" or "large".',
        "own.toml says no protected; it is true or false.",
        'own.toml: alarm_email = 2; it is an address in quotation marks, or "" for nobody.',
    ]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"size = '\xff'")
    with pytest.raises(StageFileError, match=r"own\.toml is no TOML"):
        load("own", tmp_path)


@pytest.mark.parametrize(
    "name", ["Own", "1st", "a--b", "a-", "a_b", "seventeen-letters", "my-aws", "../own", "a\n"]
)
def test_a_name_that_aws_would_refuse_is_refused_before_it_is_asked(
    name: str, tmp_path: Path
) -> None:
    if "/" not in name:
        (tmp_path / f"{name}.toml").write_text(SOUND)
    with pytest.raises(StageFileError, match="up to 16 lower-case letters"):
        load(name, tmp_path)


def test_who_names_no_stage_is_told_which_there_are() -> None:
    with pytest.raises(StageFileError, match="Say which stage: STAGE=production or STAGE=trial"):
        load("")


@pytest.mark.parametrize("name", ["trial", "production"])
def test_functions_find_every_setting_that_they_read(name: str) -> None:
    stage = load(name)
    result = Settings(variables(stage, outputs_of(stage), PLACE))
    readable = [var for var in vars(Settings) if isinstance(vars(Settings)[var], property)]
    assert all(getattr(result, one) is not None for one in readable if one != "redis")
    assert (result.database.tls, result.database.iam) == (True, True)
    assert (result.redis is not None) == (stage.size.redis is not None)
    if result.redis:
        assert (result.redis.tls, result.redis.user) == (True, "the-FastMemoryUser")
        assert result.redis.group == "the-FastMemoryName"


def test_only_the_functions_that_need_stores_stand_in_the_network() -> None:
    stage = load("trial")
    result = stage_settings(stage, outputs_of(stage), PLACE)["lambda_functions"]
    inside = {name for name, one in result.items() if "subnet_ids" in one}
    assert inside == {function.name for function in FUNCTIONS if function.sessions}
    assert "pre_token" not in inside


def test_what_a_stage_does_not_have_is_told_to_the_policies_as_absent() -> None:
    for name, there in (("trial", False), ("production", True)):
        stage = load(name)
        values: dict[str, Any] = policy_values(outputs_of(stage), PLACE)
        assert (values["FastMemoryUser"] is not None) == there
        assert values["StateMachineArn"].endswith(
            ":stateMachine:livro-caixa-trial-daily-consolidation"
        )
