"""The table of metrics: CloudWatch's format, and the same names in the table and in the code."""

import ast
import re
from collections.abc import Iterator

import pytest

from chalicelib.observability.metrics import METRICS, embedded, metric
from tests.house.source import Source, sources

COUNTERS = {"count", "count_since"}
LOGGERS = COUNTERS | {"log", "annotate"}
PRIVATE = {"token", "authorization", "key", "idempotency_key", "name", "description", "metadata"}
SHIPPED = [
    source for source in sources() if source.path == "app.py" or source.path[:11] == "chalicelib/"
]


def calls(source: Source, functions: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            module = node.func.value
            is_observability = isinstance(module, ast.Name) and module.id == "observability"
            if is_observability and node.func.attr in functions:
                yield node


def test_log_fields_follow_cloudwatchs_format() -> None:
    fields = embedded({"EntriesAccepted": 2, "ProjectionLag": 31.5}, "production")
    (directive,) = fields["_aws"]["CloudWatchMetrics"]
    assert isinstance(fields["_aws"]["Timestamp"], int)
    assert directive == {
        "Namespace": "LivroCaixa",
        "Dimensions": [["Stage"]],
        "Metrics": [
            {"Name": "EntriesAccepted", "Unit": "Count"},
            {"Name": "ProjectionLag", "Unit": "Milliseconds"},
        ],
    }
    assert (fields["EntriesAccepted"], fields["ProjectionLag"]) == (2, 31.5)
    assert fields["Stage"] == "production"
    assert embedded({}, "production") == {}


def test_counts_add_up_and_durations_do_not() -> None:
    assert metric("EntriesAccepted").aggregate(2, 3) == 5
    assert metric("DriftMinorUnits").aggregate(2, 3) == 5
    assert metric("ProjectionLag").aggregate(2, 3) == 3


@pytest.mark.parametrize("name", METRICS)
def test_metric_has_name_unit_and_meaning(name: str) -> None:
    assert re.fullmatch(r"([A-Z][a-z]+)+", name)
    assert METRICS[name].unit in {"Count", "Milliseconds", "None"}
    assert METRICS[name].meaning


def test_code_counts_exactly_the_listed_metrics() -> None:
    counted = {
        constant.value
        for source in SHIPPED
        for call in calls(source, COUNTERS)
        for constant in ast.walk(call.args[0])
        if isinstance(constant, ast.Constant)
    }
    assert counted == set(METRICS)


def test_no_log_field_holds_private_content() -> None:
    fields = {
        keyword.arg
        for source in SHIPPED
        for call in calls(source, LOGGERS)
        for keyword in call.keywords
    }
    assert {"outcome", "status"} <= fields
    assert not fields & PRIVATE
