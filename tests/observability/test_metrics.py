"""The table of metrics: CloudWatch's format, and the same names in the table and in the code."""

import ast
import re

from chalicelib.observability.metrics import METRICS, embedded, metric
from tests.house.source import sources

COUNTERS = {"count", "count_since"}
LOGGERS = COUNTERS | {"log", "annotate"}
PRIVATE = {"token", "authorization", "key", "idempotency_key", "name", "description", "metadata"}


def calls(functions: set[str]) -> list[ast.Call]:
    """Return all calls of these functions of observability in the shipped code."""
    names = {f"observability.{function}" for function in functions}
    return [
        node
        for source in sources()
        if source.path.startswith(("app.py", "chalicelib/"))
        for node in source.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names
    ]


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
    values = [fields[name] for name in ("EntriesAccepted", "ProjectionLag", "Stage")]
    assert values == [2, 31.5, "production"]
    assert embedded({}, "production") == {}


def test_counts_add_up_and_durations_do_not() -> None:
    names = ("EntriesAccepted", "DriftMinorUnits", "ProjectionLag")
    assert [metric(name).aggregate(2, 3) for name in names] == [5, 5, 3]


def test_metrics_have_names_units_and_meanings() -> None:
    assert [name for name in METRICS if not re.fullmatch(r"([A-Z][a-z]+)+", name)] == []
    assert {known.unit for known in METRICS.values()} <= {"Count", "Milliseconds", "None"}
    assert all(known.meaning for known in METRICS.values())


def test_code_counts_exactly_the_listed_metrics() -> None:
    names = [node for call in calls(COUNTERS) for node in ast.walk(call.args[0])]
    assert {node.value for node in names if isinstance(node, ast.Constant)} == set(METRICS)


def test_no_log_field_holds_private_content() -> None:
    fields = {keyword.arg for call in calls(LOGGERS) for keyword in call.keywords}
    assert {"outcome", "status"} <= fields
    assert not fields & PRIVATE
