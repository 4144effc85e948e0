"""Run the deployed functions once through what they do; record every name and right that they use.

Run as a separate process: `python -m tests.house.recorded_run <host> <port> <database>
<superuser> <redis port>` prints JSON. AWS is emulated, PostgreSQL and Valkey are real. The process
knows the application by `app.py`: by its events, its responses and what it sends to stores.
"""

import io
import json
import os
import secrets
import socket
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import boto3
from botocore.client import BaseClient
from moto import mock_aws

from chalicelib.runtime import clients, wiring
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.emulated_stage import REGION, make_resources, variables
from tests.house.shapes import Shapes, pattern, shape
from tests.rights.iam_actions import Place, Right, rights_of

STAGE = "names"
PLACE = Place(REGION, "123456789012")
DATABASE_ID = "db-NAMES"
CACHE = f"livro-caixa-{STAGE}"
_VALUES = ("merchant", "outcome", "phase", "step", "what")
NO_METRICS: dict[str, Any] = {"CloudWatchMetrics": [{"Metrics": []}]}
Calls = dict[str, list[dict[str, Any]]]


class Aws:
    """Records calls by operation and rights by function; `failure` lets operations fail."""

    def __init__(self) -> None:
        self.calls: Calls = defaultdict(list)
        self.rights: dict[str, set[Right]] = defaultdict(set)
        self.operations: set[tuple[str, str]] = set()
        self._function: str | None = None
        self._last = ""
        self._failing: dict[str, Exception] = {}
        self._record_connections()
        deliver = BaseClient._make_api_call  # type: ignore[attr-defined]

        def record(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            self.calls[operation].append({**parameters})
            if self._function is not None:
                self.operations.add((client.meta.service_model.service_name, operation))
                service = str(client.meta.service_model.service_id.hyphenize())
                self.rights[self._function] |= rights_of(service, operation, parameters, PLACE)
            if operation in self._failing:
                raise self._failing[operation]
            return deliver(client, operation, parameters)

        BaseClient._make_api_call = record  # type: ignore[attr-defined]

    @contextmanager
    def failure(self, error: Exception, *operations: str) -> Iterator[None]:
        """Let these operations raise an error."""
        self._failing = dict.fromkeys(operations, error)
        yield
        self._failing = {}

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Attribute rights to a function, which starts as in a new process after another one."""
        if function != self._last:
            wiring.reset()
        self.rights[function] |= set()
        self._function = self._last = function
        try:
            yield
        finally:
            self._function = None

    def _record_connections(self) -> None:
        connect, connect_to_redis = clients.database, clients.redis

        def add(action: str, service: str, resource: str) -> None:
            if self._function is not None:
                self.rights[self._function].add((action, PLACE.arn(service, resource)))

        def database(role: str, *words: Any, **named: Any) -> Any:
            add("rds-db:connect", "rds-db", f"dbuser:{DATABASE_ID}/{role}")
            return connect(role, *words, **named)

        def redis() -> Any:
            for resource in (f"user:{CACHE}", f"replicationgroup:{CACHE}"):
                add("elasticache:Connect", "elasticache", resource)
            return connect_to_redis()

        clients.database = database
        clients.redis = redis


def main() -> None:
    """Run the scenario and print what was recorded."""
    host, port, database, superuser, redis_port = sys.argv[1:]
    os.environ.update(variables(host, port, database, redis_port, STAGE))
    wait = socket.socket.settimeout
    # What is recorded depends neither on how busy the machine is nor on the salts of digests.
    socket.socket.settimeout = lambda at, time: wait(at, time and max(time, 60.0))  # type: ignore[method-assign]
    clients.REDIS_TIMEOUT_SECONDS = 60.0
    secrets.token_bytes = lambda nbytes=None: b"\x07" * (nbytes or 32)
    with mock_aws(), redirect_stdout(io.StringIO()) as output:
        aws = Aws()
        resources = make_resources(STAGE)
        os.environ.update(resources)
        from tests.house.scenario import Scenario  # reads the environment

        scenario = Scenario(ReadModelDatabase(host, int(port), database, superuser), aws)
        scenario.run()
        items = boto3.client("dynamodb").scan(TableName="entries")["Items"]
        imports = boto3.client("dynamodb").scan(TableName="imports")["Items"]
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    names = scenario.names() | _log_names(lines) | _aws_names(aws.calls, items)
    names["dynamodb"]["imports"] = _import_names(imports)
    rights = {function: sorted(used) for function, used in aws.rights.items()}
    used = {"rights": rights, "operations": sorted(aws.operations), "resources": resources}
    print(json.dumps({**names, **used}))


def _log_names(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return metrics, the other fields of each event, and the values by which lines are found."""
    fields: dict[str, set[str]] = defaultdict(set)
    metrics = {}
    for line in lines:
        (directive,) = line.pop("_aws", NO_METRICS)["CloudWatchMetrics"]
        units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
        for name, unit in units.items():
            metrics[name] = f"{directive['Namespace']} {directive['Dimensions']} {unit}"
        fields[line["event"]] |= line.keys() - units.keys()
    return {
        "log fields": {event: sorted(names) for event, names in fields.items()},
        # Without names of Python classes.
        "log values": {
            field: sorted({line[field] for line in lines if str(line.get(field, "")).islower()})
            for field in _VALUES
        },
        "metrics": metrics,
    }


def _import_names(items: list[dict[str, Any]]) -> Shapes:
    """Return the shapes of the values that imports store, by the beginnings of their names."""
    kinds = Shapes()
    for item in items:
        kinds.add(item["name"]["S"].partition("#")[0], shape(json.loads(item["value"]["S"])))
    return kinds


def _aws_names(calls: Calls, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the shapes of what was sent to AWS, and of the ledger's items by their kind."""
    kinds, executions, objects = Shapes(), Shapes(), Shapes()
    for item in items:
        kinds.add(item["kind"]["S"], shape(item))
    for call in calls["StartExecution"]:
        executions.add(pattern(call["name"]), shape(json.loads(call["input"])))
    for call in calls["PutObject"]:
        is_json = call["Key"].endswith(".json")
        body = {"body": shape(json.loads(call["Body"]))} if is_json else {}
        objects.add(pattern(call["Key"]), {"type": call["ContentType"], **body})
    keys = [item for item in items if "operation" in item]
    operations = {f"{key['operation']['S']}: {pattern(key['outcome']['S'])}" for key in keys}
    indexes = {call["IndexName"] for call in calls["Query"] if "IndexName" in call}

    def sent(operation: str) -> list[dict[str, Any]]:
        return [part for call in calls[operation] for part in call["Entries"]]

    return {
        "dynamodb": {"items": kinds, "operations": sorted(operations), "indexes": sorted(indexes)},
        "events": {
            f"{event['Source']} {event['DetailType']}": shape(json.loads(event["Detail"]))
            for event in sent("PutEvents")
        },
        "executions": executions,
        "quarantine messages": [
            sorted(json.loads(message["MessageBody"])) for message in sent("SendMessageBatch")
        ],
        "s3 objects": objects,
    }


if __name__ == "__main__":
    main()
