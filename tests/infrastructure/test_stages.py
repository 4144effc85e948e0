"""Stages: valid and invalid files, and the functions' settings that follow from them."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.runtime.settings import Settings
from infrastructure.functions import FUNCTIONS
from infrastructure.policies import place_values
from infrastructure.stage_settings import policy_values, stage_settings, variables
from infrastructure.stages import FOLDER, Stage, StageFileError, load
from tests.infrastructure.templates import template

VALID = 'size = "small"\nprotected = true\n'
PLACE = place_values("trial", "sa-east-1", "123456789012")


def outputs_of(stage: Stage) -> dict[str, str]:
    """Return the outputs of a stage's stacks, with made-up values."""
    names = ["foundation", "network", "database", *(["redis"] if stage.size.redis else [])]
    outputs = {output for name in names for output in template(name)["Outputs"]}
    return {name: "5432" if name.endswith("Port") else f"the-{name}" for name in outputs}


@pytest.mark.parametrize("name", [path.stem for path in FOLDER.glob("*.toml")])
def test_stages_of_the_project_are_valid(name: str) -> None:
    assert load(name).name == name


def test_only_production_is_protected() -> None:
    production, trial = load("production"), load("trial")
    assert (production.protected, trial.protected) == (True, False)
    assert production.seal_retention_mode == "COMPLIANCE"
    assert (production.multi_factor, trial.multi_factor) == ("required", "optional")


def test_defaults_are_safe(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(VALID)
    stage = load("own", tmp_path)
    assert stage.business_time_zone == "America/Sao_Paulo"
    assert stage.callback_urls == ()
    assert (stage.seal_retention_mode, stage.seal_retention_days) == ("GOVERNANCE", 1830)
    assert (stage.alarm_email, stage.password_sign_in) == ("", False)
    assert (stage.multi_factor, stage.python) == ("optional", "3.13")


def test_unknown_stage_lists_the_stages(tmp_path: Path) -> None:
    with pytest.raises(StageFileError, match=r"production, trial"):
        load("produktion")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('size = "huge"\nprotected = true', "size"),
        ('size = "small"\nprotected = "no"', "protected"),
        (f'{VALID}seal_retention_mode = "NONE"', "seal_retention_mode"),
        ('size = "small"\nprotected = 1', "protected = 1; it must be true or false"),
        ("size = ", "own.toml is not valid TOML"),
        ("size = '\xff'", "own.toml is not valid TOML"),  # nor UTF-8
        (f"{VALID}seal_retention_days = '5'", "whole number of days from 1 to 36500"),
        (f"{VALID}seal_retention_days = 0", "whole number of days"),
        (f"{VALID}seal_retention_days = true", "whole number of days"),
        (f"{VALID}callback_urls = 'https://a.example/'", "a list of URLs"),
        (f"{VALID}callback_urls = ['http://localhost:1/']", "of a protected stage"),
        (f"{VALID}callback_urls = ['http://a.example/']", "a list of URLs"),
        (f"{VALID}callback_urls = ['https://a.example/,b']", "a list of URLs"),
        (f"{VALID}business_time_zone = 'Brazil'", "time zone"),
        (f"{VALID}business_time_zone = '../../etc'", "time zone"),
        (f"{VALID}business_time_zone = -3", "time zone"),
        (f"{VALID}alarm_email = 'plantao'", "an e-mail address"),
        (f"{VALID}alarm_email = ['a@b.example']", "an e-mail address"),
        (f"{VALID}multi_factor = true", '"optional" or "required"'),
        (f"{VALID}python = 3.13", "versions of Python in quotation marks: 3.11"),
        (f"{VALID}python = '3.9'", "versions of Python"),
        (f"{VALID}zones = ['sa-east-1a']", "a list of two availability zones"),
        (f"{VALID}zones = ['sa-east-1a', 'sa-east-1a']", "a list of two availability zones"),
        (f"{VALID}zones = ['a', 'b']", "a list of two availability zones"),
    ],
)
def test_invalid_file_names_the_setting(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(text, "latin-1")
    with pytest.raises(StageFileError, match=message):
        load("own", tmp_path)


def test_all_errors_are_listed_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("size = 1\nprotcted = true\nalarm_email = 2")
    with pytest.raises(StageFileError) as caught:
        load("own", tmp_path)
    assert str(caught.value).splitlines() == [
        "own.toml: protcted is not a setting; they are size, protected, business_time_zone, "
        "callback_urls, seal_retention_mode, seal_retention_days, alarm_email, multi_factor, "
        "python, zones.",
        'own.toml: size = 1; it must be "small" or "large".',
        "own.toml: protected is missing; it must be true or false.",
        "own.toml: alarm_email = 2; it must be an e-mail address in quotation marks, "
        'or "" for none.',
    ]


@pytest.mark.parametrize(
    "name", ["Own", "1st", "a--b", "a-", "a_b", "seventeen-letters", "my-aws", "../own", "a\n"]
)
def test_name_that_aws_rejects_is_invalid(name: str, tmp_path: Path) -> None:
    if "/" not in name:
        (tmp_path / f"{name}.toml").write_text(VALID)
    with pytest.raises(StageFileError, match="up to 16 lower-case letters"):
        load(name, tmp_path)


def test_missing_name_lists_the_stages() -> None:
    with pytest.raises(StageFileError, match="No stage is given; the stages are: production, tr"):
        load("")


@pytest.mark.parametrize("name", ["trial", "production"])
def test_functions_get_every_setting(name: str) -> None:
    stage = load(name)
    settings = Settings(variables(stage, outputs_of(stage), PLACE))
    names = [name for name in vars(Settings) if isinstance(vars(Settings)[name], property)]
    assert all(getattr(settings, name) is not None for name in names if name != "redis")
    assert (settings.database.tls, settings.database.iam) == (True, True)
    assert (settings.redis is not None) == (stage.size.redis is not None)
    if settings.redis:
        assert (settings.redis.tls, settings.redis.user) == (True, "the-FastMemoryUser")
        assert settings.redis.group == "the-FastMemoryName"


def test_small_stage_reaches_services_by_ipv6() -> None:
    small, large = (variables(load(n), outputs_of(load(n)), PLACE) for n in ("trial", "production"))
    hosts = small["IPV6_ONLY_HOSTS"].split(",")
    assert hosts[0] == "sqs.sa-east-1.amazonaws.com"
    assert hosts[1:] == [f"{service}.sa-east-1.api.aws" for service in ("kms", "events", "states")]
    assert not any("IPV6" in name or "AWS_ENDPOINT" in name for name in large)


def test_only_functions_with_sessions_are_in_the_network() -> None:
    stage = load("trial")
    functions = stage_settings(stage, outputs_of(stage), PLACE, {})["lambda_functions"]
    in_network = {name for name, settings in functions.items() if "subnet_ids" in settings}
    assert in_network == {function.name for function in FUNCTIONS if function.sessions}
    assert "pre_token" not in in_network


def test_functions_reserve_only_what_is_planned() -> None:
    stage, planned = load("trial"), {"projector": 7}
    functions = stage_settings(stage, outputs_of(stage), PLACE, planned)["lambda_functions"]
    name = "reserved_concurrency"
    reserved = {key: part[name] for key, part in functions.items() if name in part}
    assert reserved == planned


def test_policies_get_absent_resources_as_none() -> None:
    for name, has_redis in (("trial", False), ("production", True)):
        stage = load(name)
        values: dict[str, Any] = policy_values(outputs_of(stage), PLACE)
        assert (values["FastMemoryUser"] is not None) == has_redis
        assert values["StateMachineArn"].endswith(":livro-caixa-trial-daily-consolidation")
