"""Run the deployed functions once through what they do, and record every name that they write.

Run as a separate process: `python -m tests.house.recorded_run <host> <port> <database>
<superuser> <redis port>` prints JSON. AWS is emulated, PostgreSQL and Valkey are real. The process
knows the application by `app.py` alone: by its events, its answers and what it sends to stores.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fixtures.emulated_stage import make_resources, set_environment
from tests.house.aws_recorder import (
    AwsRecorder,
    log_lines,
    log_names,
    log_values,
    metric_names,
    sent_events,
    sent_messages,
    started_executions,
    stored_objects,
)
from tests.house.shapes import merged, pattern, shape

MERCHANTS = ["golden-bakery", "busy-bakery", "failing-bakery"]
STAGE = "names"


def main() -> None:
    """Run the scenario and print what was recorded."""
    host, port, database, superuser, redis_port = sys.argv[1:]
    set_environment(host, port, database, redis_port, STAGE)
    _wait_long_for_stores()
    with _fixed_salts():
        from moto import mock_aws

        recorder = AwsRecorder()
        with mock_aws():
            os.environ.update(make_resources(STAGE))
            from tests.house.recorded_scenario import Scenario

            with log_lines() as lines:
                scenario = Scenario(superuser, recorder)
                scenario.run()
            items, operations = stored_items()
    record = {
        **scenario.names(),
        "log fields": log_names(lines),
        "log values": log_values(lines, ("merchant", "outcome", "phase", "step", "what")),
        "metrics": metric_names(lines),
        "events": sent_events(recorder.calls["PutEvents"]),
        "executions": started_executions(recorder.calls["StartExecution"], MERCHANTS),
        "quarantine messages": sent_messages(recorder.calls["SendMessageBatch"]),
        "s3 objects": stored_objects(recorder.calls["PutObject"], MERCHANTS),
        "dynamodb": {
            "items": items,
            "operations": operations,
            "indexes": sorted({call["IndexName"] for call in recorder.calls["Query"]}),
        },
    }
    sys.stdout.write(json.dumps(record))


def stored_items() -> tuple[dict[str, Any], list[str]]:
    """Return the shape of the ledger's items by their kind, and each operation with its outcome."""
    import boto3

    items = boto3.client("dynamodb").scan(TableName="entries")["Items"]
    kinds: dict[str, Any] = {}
    for item in items:
        kind = item["kind"]["S"]
        kinds[kind] = merged([shape(item)], kinds.get(kind))
    keys = [item for item in items if "operation" in item]
    outcomes = {f"{key['operation']['S']}: {pattern(key['outcome']['S'])}" for key in keys}
    return kinds, sorted(outcomes)


def _wait_long_for_stores() -> None:
    # What is recorded must not depend on how busy the machine is.
    import pg8000.native
    import redis

    for client in (pg8000.native.Connection, redis.Redis):
        client.__init__ = _patient(client.__init__)  # type: ignore[method-assign]


def _patient(make: Callable[..., None]) -> Callable[..., None]:
    def make_patient(*words: Any, **named: Any) -> None:
        waits = dict.fromkeys(named.keys() & {"timeout", "socket_timeout"}, 60.0)
        make(*words, **{**named, **waits})

    return make_patient


@contextmanager
def _fixed_salts() -> Iterator[None]:
    # Digests of texts are salted; under the same salt they are the same in every run.
    import secrets

    def token_bytes(nbytes: int | None = None) -> bytes:
        return b"\x07" * (nbytes or 32)

    usual, secrets.token_bytes = secrets.token_bytes, token_bytes
    try:
        yield
    finally:
        secrets.token_bytes = usual


if __name__ == "__main__":
    main()
