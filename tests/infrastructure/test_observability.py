"""Alarms and dashboard: they use existing metrics, and each alarm has a runbook section."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from chalicelib.observability.metrics import METRICS
from deploy.gateway_settings import ACCESS_LOG_FORMAT
from infrastructure.functions import FUNCTIONS
from tests.infrastructure.templates import FOLDER, of_type, only_on_aws, template

PROJECT = FOLDER.parent
RUNBOOK = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
LARGEST_TEMPLATE = 51_200  # the limit of CloudFormation's TemplateBody
METRIC, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
PARTS = ("It means", "Look at", "Run")
# The metrics of AWS services, with their dimensions (each service's user guide).
OF_AWS = {
    "AWS/ApiGateway": ("Count 4XXError Latency", {"ApiName Stage"}),
    "AWS/DynamoDB": (
        "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ReadThrottleEvents "
        "WriteThrottleEvents",
        {"TableName", "TableName GlobalSecondaryIndexName"},
    ),
    "AWS/ElastiCache": ("CurrItems Evictions", {"CacheClusterId"}),
    "AWS/Lambda": (
        "AsyncEventsDropped ConcurrentExecutions Errors IteratorAge Throttles",
        {"FunctionName"},
    ),
    "AWS/RDS": (
        "CPUCreditBalance CPUUtilization DatabaseConnections FreeStorageSpace FreeableMemory "
        "SwapUsage",
        {"DBInstanceIdentifier"},
    ),
    "AWS/SQS": ("ApproximateNumberOfMessagesVisible", {"QueueName"}),
    "AWS/States": (
        "ExecutionsAborted ExecutionsFailed ExecutionsSucceeded ExecutionsTimedOut",
        {"StateMachineArn"},
    ),
    # By a metric filter, below.
    "LivroCaixa/Gateway": ("RequestsFailed", {"Stage"}),
}

Used = tuple[str, str, dict[str, Any]]
Alarms = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def observability() -> dict[str, Any]:
    return template("observability")


@pytest.fixture(scope="module")
def templates(observability: dict[str, Any]) -> list[dict[str, Any]]:
    """The templates that have alarms."""
    return [observability, template("../stepfunctions/template")]


@pytest.fixture(scope="module")
def alarms(templates: list[dict[str, Any]]) -> Alarms:
    """The properties of all alarms, by the end of their name."""
    return {
        short_name(alarm): alarm
        for template in templates
        for kind in (METRIC, COMPOSITE)
        for alarm in of_type(template, kind).values()
    }


def short_name(alarm: dict[str, Any]) -> str:
    name: str = alarm["AlarmName"]["Fn::Sub"]
    return name.removeprefix("livro-caixa-${Stage}-")


def text(value: Any) -> str:
    return str(value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value)


def metrics_of(alarm: dict[str, Any]) -> Iterator[Used]:
    queries = alarm.get("Metrics", [])
    stats = [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query]
    for stat in stats or ([alarm] if "MetricName" in alarm else []):
        dimensions = {part["Name"]: text(part["Value"]) for part in stat["Dimensions"]}
        yield stat["Namespace"], stat["MetricName"], dimensions


def widgets(observability: dict[str, Any]) -> list[dict[str, Any]]:
    (board,) = of_type(observability, "AWS::CloudWatch::Dashboard").values()
    widgets: list[dict[str, Any]] = json.loads(board["DashboardBody"]["Fn::Sub"])["widgets"]
    return widgets


def shown(observability: dict[str, Any]) -> Iterator[Used]:
    for widget in widgets(observability):
        for namespace, name, *rest in widget["properties"].get("metrics", []):
            pairs = [part for part in rest if isinstance(part, str)]
            yield namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True))


def check(used: Used) -> None:
    namespace, name, dimensions = used
    if namespace == "LivroCaixa":
        assert name in METRICS
        assert dimensions in ({"Stage": "${Stage}"}, {"Stage": str({"Ref": "Stage"})})
        return
    names, dimension_sets = OF_AWS[namespace]
    assert name in names.split()
    assert " ".join(dimensions) in dimension_sets


def test_template_fits_into_a_call() -> None:
    assert (FOLDER / "observability.yaml").stat().st_size < LARGEST_TEMPLATE


def test_alarms_use_existing_metrics(alarms: Alarms) -> None:
    for alarm in alarms.values():
        used = list(metrics_of(alarm))
        assert used or "AlarmRule" in alarm
        for metric in used:
            check(metric)


def test_dashboard_shows_all_metrics(observability: dict[str, Any]) -> None:
    used = list(shown(observability))
    for metric in used:
        check(metric)
    assert {name for namespace, name, _ in used if namespace == "LivroCaixa"} == set(METRICS)


def test_dashboard_shows_all_alarms(observability: dict[str, Any], alarms: Alarms) -> None:
    (board,) = [part["properties"] for part in widgets(observability) if part["type"] == "alarm"]
    names = {alarm.rpartition("livro-caixa-${Stage}-")[2] for alarm in board["alarms"]}
    loud = {name for name, part in alarms.items() if "AlarmActions" in part}
    assert names == loud - {"fast-memory-evictions", "database-credits"}  # not on every stage


def test_watched_functions_exist(observability: dict[str, Any], alarms: Alarms) -> None:
    used = [*shown(observability), *chain.from_iterable(map(metrics_of, alarms.values()))]
    watched = {dimensions.get("FunctionName") for _, _, dimensions in used} - {None}
    assert watched <= {function.aws_name("${Stage}") for function in FUNCTIONS}


def test_only_parts_of_burn_rates_are_silent(observability: dict[str, Any], alarms: Alarms) -> None:
    silent = {name for name, alarm in alarms.items() if "AlarmActions" not in alarm}
    logical = {short_name(alarm): name for name, alarm in of_type(observability, METRIC).items()}
    rules = [part["AlarmRule"]["Fn::Sub"] for part in alarms.values() if "AlarmRule" in part]
    named = re.findall(r"ALARM\(\$\{(\w+)\}\)", " ".join(rules))
    assert sorted(named) == sorted(logical[name] for name in silent)
    for name, alarm in alarms.items():
        if "AlarmRule" in alarm:
            parts = {part for part in silent if part.startswith(f"{name}-")}
            in_rule = re.findall(r"\{(\w+)\}", alarm["AlarmRule"]["Fn::Sub"])
            assert {logical[part] for part in parts} == set(in_rule)


BURN_RATES = {
    "failures-fast": 1.44, "failures-slow": 0.6, "slowness-fast": 14.4, "slowness-slow": 6,
}  # fmt: skip


@pytest.mark.parametrize(("name", "share"), BURN_RATES.items())
def test_burn_rates_have_their_thresholds(alarms: Alarms, name: str, share: float) -> None:
    for alarm in (part for key, part in alarms.items() if key.startswith(f"{name}-")):
        assert alarm["Threshold"] == pytest.approx(share)
        assert "PR(:2500)" in str(alarm) or "RequestsFailed" in str(alarm)


def test_failures_are_counted_from_the_access_log(observability: dict[str, Any]) -> None:
    """API Gateway counts changed status codes as 4XX: a count of 5xx would miss outages."""
    (failed,) = of_type(observability, "AWS::Logs::MetricFilter").values()
    assert failed["LogGroupName"] == {"Fn::Sub": "/livro-caixa/${Stage}/access"}
    assert failed["FilterPattern"] == '{ $.status = "5*" }'
    (metric,) = failed["MetricTransformations"]
    assert metric["Dimensions"] == [{"Key": "Stage", "Value": "$.stage"}]
    fields = json.loads(ACCESS_LOG_FORMAT)
    assert (fields["status"], fields["stage"]) == ("$context.status", "$context.stage")


def test_errors_of_main_functions_are_watched(alarms: Alarms) -> None:
    watched = {
        dimensions["FunctionName"] for _, _, dimensions in metrics_of(alarms["functions-failed"])
    }
    names = ("", "-projector", "-consolidate_range", "-nightly")
    assert watched == {f"livro-caixa-${{Stage}}{name}" for name in names}


ABOVE, FROM = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold"
BELOW = "LessThanThreshold"


@pytest.mark.parametrize(
    ("name", "comparison", "threshold", "points"),
    [
        ("drift", ABOVE, 0, (1, 1)),
        ("ledger-contradicted", ABOVE, 0, (1, 1)),
        ("sweep-overdue", ABOVE, 7, (1, 1)),
        ("night-overdue", FROM, 1, (2, 2)),
        ("quarantine", ABOVE, 0, (1, 1)),
        ("projection-behind", ABOVE, 60_000, (3, 5)),
        ("entries-failed", ABOVE, 0, (2, 3)),
        ("canary-failed", FROM, 1, (2, 3)),
        ("sign-in-failed", ABOVE, 0, (1, 1)),
        ("functions-failed", ABOVE, 0, (2, 3)),
        ("functions-throttled", ABOVE, 0, (2, 3)),
        ("projector-throttled", ABOVE, 0, (3, 3)),
        ("events-dropped", ABOVE, 0, (1, 1)),
        ("ledger-throttled", ABOVE, 0, (2, 3)),
        ("database-connections", ABOVE, 80, (3, 5)),
        ("database-storage", BELOW, 2_000_000_000, (3, 3)),
        ("database-memory", BELOW, 300_000_000, (3, 3)),
        ("database-swap", ABOVE, 256_000_000, (3, 3)),
        ("database-credits", BELOW, 30, (3, 3)),
        ("fast-memory-evictions", ABOVE, 0, (3, 3)),
        ("night-failed", ABOVE, 0, (1, 1)),
        ("night-missing", BELOW, 1, (24, 24)),
        ("requested-runs-failed", ABOVE, 5, (1, 1)),
    ],
)
def test_alarm_has_its_threshold(
    alarms: Alarms, name: str, comparison: str, threshold: int, points: tuple[int, int]
) -> None:
    alarm = alarms[name]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == (comparison, threshold)
    periods = alarm["EvaluationPeriods"]
    assert (alarm.get("DatapointsToAlarm", periods), periods) == points


def test_each_alarm_has_a_runbook_section(alarms: Alarms) -> None:
    section = RUNBOOK.split("\n## Alarms\n")[1].split("\n## ")[0]
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", section, re.MULTILINE | re.DOTALL))
    assert section.count("\n### ") == len(sections)
    assert set(sections) == {n for n, alarm in alarms.items() if "AlarmActions" in alarm}
    for name, words in sections.items():
        assert [part for part in PARTS if f"**{part}:**" in words] == list(PARTS), name


def test_runbook_names_existing_functions_and_files() -> None:
    names = {function.aws_name("$STAGE") for function in FUNCTIONS}
    assert set(re.findall(r"--function-name (\S+)", RUNBOOK)) <= names
    for path in re.findall(r"`((?:chalicelib|infrastructure|docs)/[\w/.]+)`", RUNBOOK):
        assert (PROJECT / Path(path)).exists(), path


def test_alarms_define_missing_data(alarms: Alarms) -> None:
    metric = {name: part for name, part in alarms.items() if "AlarmRule" not in part}
    breaching = {n for n, part in metric.items() if part["TreatMissingData"] == "breaching"}
    assert breaching == {"canary-failed"}
    missing = {n for n, part in metric.items() if part["TreatMissingData"] == "missing"}
    assert missing == {"night-missing"}  # a new stage has no night yet, and sends no message
    night = alarms["night-missing"]
    assert night["InsufficientDataActions"] == night["AlarmActions"]
    assert night["Period"] * night["EvaluationPeriods"] == 24 * 3600


def test_resources_only_on_aws_are_listed(observability: dict[str, Any]) -> None:
    arithmetic = {n for n, alarm in of_type(observability, METRIC).items() if "Metrics" in alarm}
    composite = set(of_type(observability, COMPOSITE))
    left_out = only_on_aws(observability) | {"FastMemoryEvictions", "DatabaseCredits"}
    of_the_database = {"DatabaseStorage", "DatabaseMemory", "DatabaseSwap", "DatabaseCredits"}
    assert left_out == arithmetic | composite | of_the_database | {"RequestsFailed"}
