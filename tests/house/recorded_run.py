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

REGION = "us-east-1"
MERCHANTS = ["golden-bakery", "busy-bakery", "failing-bakery"]
STAGE = "names"


def main() -> None:
    """Run the scenario and print what was recorded."""
    host, port, database, superuser, redis_port = sys.argv[1:]
    _set_environment(host, port, database, redis_port)
    _wait_long_for_stores()
    with _fixed_salts():
        from moto import mock_aws

        recorder = AwsRecorder()
        with mock_aws():
            os.environ.update(_make_resources())
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


def _set_environment(host: str, port: str, database: str, redis_port: str) -> None:
    os.environ.update(
        AWS_ACCESS_KEY_ID="nobody",
        AWS_SECRET_ACCESS_KEY="nothing",
        AWS_DEFAULT_REGION=REGION,
        STAGE=STAGE,
        BUSINESS_TIME_ZONE="America/Sao_Paulo",
        DATABASE_HOST=host,
        DATABASE_PORT=port,
        DATABASE_NAME=database,
        DATABASE_TLS="off",
        DATABASE_AUTH="trust",
        REDIS_HOST=host,
        REDIS_PORT=redis_port,
        REDIS_TLS="off",
    )


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


def _make_resources() -> dict[str, str]:
    import boto3

    machine = boto3.client("stepfunctions").create_state_machine(
        name="daily-consolidation",
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/nobody",
    )
    key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    boto3.client("s3").create_bucket(Bucket="seals")
    boto3.client("events").create_event_bus(Name="bus")
    _make_tables(boto3.client("dynamodb"))
    return {
        "ENTRIES_TABLE": "entries",
        "CLIENTS_TABLE": "clients",
        "QUARANTINE_QUEUE_URL": boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"],
        "STATE_MACHINE_ARN": machine["stateMachineArn"],
        "SIGNING_KEY_ID": key["KeyMetadata"]["Arn"],
        "SEAL_BUCKET": "seals",
        "EVENT_BUS": "bus",
        "USER_POOL_ID": f"{REGION}_names",
        "CANARY_CLIENT_ID": "canary",
    }


def _make_tables(client: Any) -> None:
    from tests.house.artefacts import resources_of_type

    keys = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    names = {"EntriesTable": "entries", "ClientsTable": "clients"}
    for logical_id, table in resources_of_type("AWS::DynamoDB::Table").items():
        words = {key: table[key] for key in keys if key in table}
        client.create_table(TableName=names[logical_id], **words)


if __name__ == "__main__":
    main()
