"""The AWS calls and log lines of a process, recorded by name; AWS itself is emulated."""

import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fixtures.emulated_stage import describe_client
from tests.house.shapes import merged, pattern, shape


class AwsRecorder:
    """Hears every call of botocore; `failing` operations raise instead of reaching the emulator."""

    def __init__(self) -> None:
        from botocore.handlers import BUILTIN_HANDLERS

        self.calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.failing: dict[str, Exception] = {}
        BUILTIN_HANDLERS.append(("provide-client-params.*.*", self._hear))
        BUILTIN_HANDLERS.append(("before-call.*.*", self._answer))

    def _hear(self, params: Any, model: Any, **_: Any) -> None:
        self.calls[str(model.name)].append(dict(params))
        if model.name in self.failing:
            raise self.failing[model.name]

    def _answer(self, model: Any, **_: Any) -> Any:
        if model.name != "DescribeUserPoolClient":
            return None
        return describe_client()

    @contextmanager
    def failure(self, error: Exception, *operations: str) -> Iterator[None]:
        """Let these operations raise an error."""
        self.failing = dict.fromkeys(operations, error)
        yield
        self.failing = {}


@contextmanager
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """Collect the log lines, which are JSON, that are written meanwhile."""
    lines: list[dict[str, Any]] = []
    usual, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield lines
    finally:
        lines += [json.loads(line) for line in sys.stdout.getvalue().splitlines()]
        sys.stdout = usual


def log_names(lines: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the fields of each event's lines, metrics and their envelope left out."""
    fields: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        metrics = {metric["Name"] for metric in _directive(line).get("Metrics", [])}
        fields[line["event"]] |= line.keys() - metrics - {"_aws"}
    return {event: sorted(names) for event, names in fields.items()}


def log_values(lines: list[dict[str, Any]], fields: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the values of fields by which lines are found; names of Python classes left out."""
    values: dict[str, set[str]] = {field: set() for field in fields}
    for line in lines:
        for field in fields:
            if str(line.get(field, "")).islower():
                values[field].add(line[field])
    return {field: sorted(values[field]) for field in fields}


def metric_names(lines: list[dict[str, Any]]) -> dict[str, str]:
    """Return `namespace dimension unit` of each metric in the lines."""
    directives = (_directive(line) for line in lines if "_aws" in line)
    return {
        metric["Name"]: f"{directive['Namespace']} {directive['Dimensions']} {metric['Unit']}"
        for directive in directives
        for metric in directive["Metrics"]
    }


def _directive(line: dict[str, Any]) -> dict[str, Any]:
    directives = line.get("_aws", {}).get("CloudWatchMetrics", [{}])
    return dict(directives[0])


def sent_events(calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the shape of the details put on the bus, by source and type."""
    entries = [entry for call in calls for entry in call["Entries"]]
    return {
        f"{entry['Source']} {entry['DetailType']}": shape(json.loads(entry["Detail"]))
        for entry in entries
    }


def started_executions(calls: list[dict[str, Any]], merchants: list[str]) -> dict[str, Any]:
    """Return the shape of the input of each started execution, by the pattern of its name."""
    started: dict[str, Any] = {}
    for call in calls:
        name = pattern(call["name"], merchants)
        started[name] = merged([shape(json.loads(call["input"]))], started.get(name))
    return started


def sent_messages(calls: list[dict[str, Any]]) -> list[Any]:
    """Return the shapes of the queue's messages, without the stream record that they quote."""
    entries = [entry for call in calls for entry in call["Entries"]]
    bodies = [json.loads(entry["MessageBody"]) for entry in entries]
    return [sorted(body) for body in bodies]


def stored_objects(calls: list[dict[str, Any]], merchants: list[str]) -> dict[str, Any]:
    """Return content type and JSON shape of each put object, by the pattern of its key."""
    objects: dict[str, Any] = {}
    for call in calls:
        key = pattern(call["Key"], merchants)
        is_json = call["Key"].endswith(".json")
        kind = {"type": call["ContentType"]}
        body = {"body": shape(json.loads(call["Body"]))} if is_json else {}
        objects[key] = merged([{**kind, **body}], objects.get(key))
    return objects
