"""Alarms and dashboard: they look at metrics that exist, and somebody knows what to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode.cfn_yaml import load

from chalicelib.observability.metrics import METRICS
from infrastructure.functions import FUNCTIONS
from tests.infrastructure.templates import FOLDER, of_type, only_on_aws, template

PROJECT = FOLDER.parent
RUNBOOK = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
LARGEST_TEMPLATE = 51_200  # what CloudFormation takes in a call (TemplateBody)
METRIC, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
PARTS = ("It means", "Look at", "Run")
# What AWS counts by itself, with the dimensions under which it does (each service's user guide).
OF_AWS: dict[str, tuple[set[str], set[tuple[str, ...]]]] = {
    "AWS/ApiGateway": ({"Count", "4XXError", "5XXError", "Latency"}, {("ApiName", "Stage")}),
    "AWS/DynamoDB": (
        {
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        },
        {("TableName",), ("TableName", "GlobalSecondaryIndexName")},
    ),
    "AWS/ElastiCache": ({"CurrItems", "Evictions"}, {("CacheClusterId",)}),
    "AWS/Lambda": (
        {"ConcurrentExecutions", "Errors", "IteratorAge", "Throttles"},
        {("FunctionName",)},
    ),
    "AWS/RDS": (
        {"CPUUtilization", "DatabaseConnections", "FreeStorageSpace"},
        {("DBInstanceIdentifier",)},
    ),
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible"}, {("QueueName",)}),
    "AWS/States": (
        {"ExecutionsAborted", "ExecutionsFailed", "ExecutionsSucceeded", "ExecutionsTimedOut"},
        {("StateMachineArn",)},
    ),
}

Used = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def eyes() -> dict[str, Any]:
    return template("observability")


@pytest.fixture(scope="module")
def templates(eyes: dict[str, Any]) -> list[dict[str, Any]]:
    """Every template that has alarms."""
    return [eyes, dict(load(str(PROJECT / "stepfunctions" / "template.yaml")))]


@pytest.fixture(scope="module")
def alarms(templates: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The properties of all alarms, by the end of their name."""
    result = [
        one
        for each in templates
        for kind in (METRIC, COMPOSITE)
        for one in of_type(each, kind).values()
    ]
    return {
        one["AlarmName"]["Fn::Sub"].removeprefix("livro-caixa-${Stage}-"): one for one in result
    }


def text(value: Any) -> str:
    return str(value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value)


def looked_at(alarm: dict[str, Any]) -> Iterator[Used]:
    stats = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    for stat in stats or ([alarm] if "MetricName" in alarm else []):
        dimensions = {named["Name"]: text(named["Value"]) for named in stat["Dimensions"]}
        yield stat["Namespace"], stat["MetricName"], dimensions


def widgets(eyes: dict[str, Any]) -> list[dict[str, Any]]:
    (board,) = of_type(eyes, "AWS::CloudWatch::Dashboard").values()
    result: list[dict[str, Any]] = json.loads(board["DashboardBody"]["Fn::Sub"])["widgets"]
    return result


def shown(eyes: dict[str, Any]) -> Iterator[Used]:
    for widget in widgets(eyes):
        for namespace, name, *rest in widget["properties"].get("metrics", []):
            pairs = [one for one in rest if isinstance(one, str)]
            yield namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True))


def check(used: Used) -> None:
    namespace, name, dimensions = used
    if namespace == "LivroCaixa":
        assert name in METRICS
        assert dimensions in ({"Stage": "${Stage}"}, {"Stage": str({"Ref": "Stage"})})
        return
    names, ways = OF_AWS[namespace]
    assert name in names
    assert tuple(dimensions) in ways


def test_cfn_lint_finds_nothing() -> None:
    assert lint_file(FOLDER / "observability.yaml") == []


def test_cloudformation_takes_it_in_one_call() -> None:
    assert (FOLDER / "observability.yaml").stat().st_size < LARGEST_TEMPLATE


def test_each_alarm_looks_at_metrics_that_exist(alarms: dict[str, dict[str, Any]]) -> None:
    for alarm in alarms.values():
        used = list(looked_at(alarm))
        assert used or "AlarmRule" in alarm
        for one in used:
            check(one)


def test_the_dashboard_shows_metrics_that_exist_and_all_of_our_own(eyes: dict[str, Any]) -> None:
    used = list(shown(eyes))
    for one in used:
        check(one)
    assert {name for namespace, name, _ in used if namespace == "LivroCaixa"} == set(METRICS)


def test_the_dashboard_shows_every_alarm_that_a_stage_of_any_size_has(
    eyes: dict[str, Any], alarms: dict[str, dict[str, Any]]
) -> None:
    (board,) = [widget["properties"] for widget in widgets(eyes) if widget["type"] == "alarm"]
    names = {alarm.rpartition("livro-caixa-${Stage}-")[2] for alarm in board["alarms"]}
    assert names == {name for name, one in alarms.items() if "AlarmActions" in one} - {
        "fast-memory-evictions"
    }


def test_functions_that_are_watched_are_there(
    eyes: dict[str, Any], alarms: dict[str, dict[str, Any]]
) -> None:
    used = [*shown(eyes), *(one for alarm in alarms.values() for one in looked_at(alarm))]
    watched = {dimensions.get("FunctionName") for _, _, dimensions in used} - {None}
    assert watched <= {function.aws_name("${Stage}") for function in FUNCTIONS}


def test_parts_of_burn_rates_tell_nobody_and_all_others_do(
    eyes: dict[str, Any], alarms: dict[str, dict[str, Any]]
) -> None:
    silent = {name for name, one in alarms.items() if "AlarmActions" not in one}
    logical = {
        one["AlarmName"]["Fn::Sub"].removeprefix("livro-caixa-${Stage}-"): name
        for name, one in of_type(eyes, METRIC).items()
    }
    rules = [one["AlarmRule"]["Fn::Sub"] for one in alarms.values() if "AlarmRule" in one]
    named = re.findall(r"ALARM\(\$\{(\w+)\}\)", " ".join(rules))
    assert sorted(named) == sorted(logical[name] for name in silent)
    for name, alarm in alarms.items():
        if "AlarmRule" in alarm:
            parts = {one for one in silent if one.startswith(f"{name}-")}
            assert {logical[part] for part in parts} == set(
                re.findall(r"\{(\w+)\}", alarm["AlarmRule"]["Fn::Sub"])
            )


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("failures-fast", 14.4 * 0.1),
        ("failures-slow", 6 * 0.1),
        ("slowness-fast", 14.4 * 1),
        ("slowness-slow", 6 * 1),
    ],
)
def test_burn_rates_are_those_of_a_month(
    alarms: dict[str, dict[str, Any]], name: str, share: float
) -> None:
    for alarm in (one for part, one in alarms.items() if part.startswith(f"{name}-")):
        assert alarm["Threshold"] == pytest.approx(share)
        assert "PR(:2500)" in str(alarm) or "5XXError" in str(alarm)


ABOVE, FROM, BELOW = (
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "comparison", "threshold", "points"),
    [
        ("drift", ABOVE, 0, (1, 1)),
        ("ledger-contradicted", ABOVE, 0, (1, 1)),
        ("night-overdue", FROM, 1, (2, 2)),
        ("quarantine", ABOVE, 0, (1, 1)),
        ("projection-behind", ABOVE, 60_000, (3, 5)),
        ("entries-failed", ABOVE, 0, (2, 3)),
        ("canary-failed", FROM, 1, (2, 3)),
        ("sign-in-failed", ABOVE, 0, (1, 1)),
        ("functions-throttled", ABOVE, 0, (2, 3)),
        ("ledger-throttled", ABOVE, 0, (2, 3)),
        ("database-connections", ABOVE, 80, (3, 5)),
        ("database-storage", BELOW, 2_000_000_000, (3, 3)),
        ("fast-memory-evictions", ABOVE, 0, (3, 3)),
        ("night-failed", ABOVE, 0, (1, 1)),
        ("night-missing", BELOW, 1, (1, 1)),
    ],
)
def test_an_alarm_sounds_at_its_threshold(
    alarms: dict[str, dict[str, Any]],
    name: str,
    comparison: str,
    threshold: int,
    points: tuple[int, int],
) -> None:
    alarm = alarms[name]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == (comparison, threshold)
    periods = alarm["EvaluationPeriods"]
    assert (alarm.get("DatapointsToAlarm", periods), periods) == points


def test_each_alarm_has_one_section_that_says_what_to_do(
    alarms: dict[str, dict[str, Any]],
) -> None:
    section = RUNBOOK.split("\n## Alarms\n")[1].split("\n## ")[0]
    result = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", section, re.MULTILINE | re.DOTALL))
    assert section.count("\n### ") == len(result)
    assert set(result) == {name for name, one in alarms.items() if "AlarmActions" in one}
    for name, words in result.items():
        assert [part for part in PARTS if f"**{part}:**" in words] == list(PARTS), name


def test_the_runbook_names_functions_and_files_that_exist() -> None:
    names = {function.aws_name("$STAGE") for function in FUNCTIONS}
    assert set(re.findall(r"--function-name (\S+)", RUNBOOK)) <= names
    for path in re.findall(r"`((?:chalicelib|infrastructure|docs)/[\w/.]+)`", RUNBOOK):
        assert (PROJECT / Path(path)).exists(), path


def test_an_alarm_says_what_no_news_means(alarms: dict[str, dict[str, Any]]) -> None:
    metric = {name: one for name, one in alarms.items() if "AlarmRule" not in one}
    breaching = {name for name, one in metric.items() if one["TreatMissingData"] == "breaching"}
    assert all(one["TreatMissingData"] in ("breaching", "notBreaching") for one in metric.values())
    assert breaching == {"canary-failed", "night-missing"}


def test_the_emulator_is_spared_what_it_cannot_make(eyes: dict[str, Any]) -> None:
    arithmetic = {name for name, one in of_type(eyes, METRIC).items() if "Metrics" in one}
    composite = set(of_type(eyes, COMPOSITE))
    spared = only_on_aws(eyes) | {"FastMemoryEvictions"}
    assert spared == arithmetic | composite | {"DatabaseStorage"}
