"""The table of metrics: what CloudWatch is told, and that code and table name the same ones."""

import ast
import re
from collections.abc import Iterator

import pytest

from chalicelib.observability.metrics import DIMENSION, METRICS, embedded, metric
from tests.house.source import Source, sources

COUNTERS = {"count", "count_since"}
PRIVATE = {"token", "authorization", "key", "idempotency_key", "name", "description", "metadata"}
TELLERS = COUNTERS | {"log", "note"}
SHIPPED = [one for one in sources() if one.path == "app.py" or one.path.startswith("chalicelib/")]


def calls(source: Source, wanted: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            value = node.func.value
            owner = value.id if isinstance(value, ast.Name) else ""
            if owner == "observability" and node.func.attr in wanted:
                yield node


def names_in(expression: ast.expr) -> set[str]:
    return {str(one.value) for one in ast.walk(expression) if isinstance(one, ast.Constant)}


def test_what_cloudwatch_is_told_has_its_format() -> None:
    result = embedded({"EntriesAccepted": 2, "ProjectionLag": 31.5}, "production")
    (directive,) = result["_aws"]["CloudWatchMetrics"]
    assert isinstance(result["_aws"]["Timestamp"], int)
    assert directive == {
        "Namespace": "LivroCaixa",
        "Dimensions": [["Stage"]],
        "Metrics": [
            {"Name": "EntriesAccepted", "Unit": "Count"},
            {"Name": "ProjectionLag", "Unit": "Milliseconds"},
        ],
    }
    assert (result["EntriesAccepted"], result["ProjectionLag"]) == (2, 31.5)
    assert result["Stage"] == "production"


def test_nothing_counted_is_nothing_told() -> None:
    assert embedded({}, "production") == {}


def test_counts_add_up_and_of_durations_the_longest_counts() -> None:
    assert metric("EntriesAccepted").together(2, 3) == 5
    assert metric("DriftMinorUnits").together(2, 3) == 5
    assert metric("ProjectionLag").together(2, 3) == 3


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_has_a_name_a_unit_and_a_meaning(name: str) -> None:
    assert re.fullmatch(r"([A-Z][a-z]+)+", name)
    assert METRICS[name].unit in {"Count", "Milliseconds", "None"}
    assert METRICS[name].meaning


def test_every_metric_that_the_code_counts_stands_in_the_table_and_the_other_way_round() -> None:
    counted = {
        name
        for source in SHIPPED
        for call in calls(source, COUNTERS)
        for name in names_in(call.args[0])
    }
    assert counted == set(METRICS)


def test_no_line_has_a_field_for_what_must_not_be_told() -> None:
    fields = {
        keyword.arg
        for source in SHIPPED
        for call in calls(source, TELLERS)
        for keyword in call.keywords
    }
    assert not fields & PRIVATE


def test_no_metric_has_a_dimension_whose_number_has_no_bound() -> None:
    assert DIMENSION == "Stage"
