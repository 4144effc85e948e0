"""The stage on which handlers are measured: AWS emulated in the process, and PostgreSQL."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.cost.meter import Meter

REGION = "us-east-1"
STAGE = "cost"
DATABASE = "cost"
FOUNDATION = Path(__file__).parents[1] / "foundation.yaml"


@dataclass(frozen=True)
class EmulatedStage:
    """The meter on the code, and the database with its superuser."""

    meter: Meter
    postgres: Any

    def sql(self, statement: str) -> list[list[Any]]:
        """Run a statement as the superuser, who is exempt from row-level security."""
        rows: list[list[Any]] = _run(
            self.postgres, DATABASE, lambda connection: connection.run(statement)
        )
        return rows


@contextmanager
def emulated_stage() -> Iterator[EmulatedStage]:
    """Start PostgreSQL and emulated AWS with a meter, and stop both afterwards."""
    from local.stores.postgres import start_postgres

    postgres = start_postgres(durable=False)
    before = dict(os.environ)
    try:
        _make_database(postgres)
        os.environ.update(_settings(postgres))
        meter = Meter()
        with _emulated_aws(meter):
            yield EmulatedStage(meter, postgres)
    finally:
        os.environ.clear()
        os.environ.update(before)
        postgres.stop()


def _make_database(postgres: Any) -> None:
    from chalicelib.migrations.runner import migrate

    _run(postgres, "postgres", lambda connection: connection.run(f"CREATE DATABASE {DATABASE}"))
    _run(postgres, DATABASE, migrate)
    # As after a rebuild of an empty ledger; before, no read is answered.
    statement = "DELETE FROM read_model.unfinished_rebuild"
    _run(postgres, DATABASE, lambda connection: connection.run(statement))


def _run(postgres: Any, database: str, work: Callable[[Any], Any]) -> Any:
    import pg8000.native

    connection = pg8000.native.Connection(
        postgres.superuser,
        host=postgres.host,
        port=postgres.port,
        database=database,
        ssl_context=False,
    )
    try:
        return work(connection)
    finally:
        connection.close()


def _settings(postgres: Any) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": secrets.token_hex(8),
        "AWS_DEFAULT_REGION": REGION,
        "STAGE": STAGE,
        "DATABASE_HOST": postgres.host,
        "DATABASE_PORT": str(postgres.port),
        "DATABASE_NAME": DATABASE,
        "DATABASE_TLS": "off",
        "DATABASE_AUTH": "trust",
    }


@contextmanager
def _emulated_aws(meter: Meter) -> Iterator[None]:
    from botocore.handlers import BUILTIN_HANDLERS
    from moto import mock_aws
    from moto.core.models import botocore_stubber

    from chalicelib.runtime import clients
    from chalicelib.storage.postgres import Session

    position = BUILTIN_HANDLERS.index(("before-send", botocore_stubber))
    BUILTIN_HANDLERS[position] = ("before-send", meter.emulate(botocore_stubber))
    try:
        with mock_aws():
            os.environ.update(_resources())
            meter.attach(clients, Session)
            yield
    finally:
        BUILTIN_HANDLERS[position] = ("before-send", botocore_stubber)


def _resources() -> dict[str, str]:
    import boto3

    machine = boto3.client("stepfunctions").create_state_machine(
        name="night",
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/night",
    )
    key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    boto3.client("s3").create_bucket(Bucket="seals")
    boto3.client("events").create_event_bus(Name=STAGE)
    boto3.client("s3").create_bucket(Bucket="bank-files")
    for name in ("Entries", "Settings", "Imports"):
        _make_table(name)
    return {
        "ENTRIES_TABLE": "entries",
        "SETTINGS_TABLE": "settings",
        "IMPORTS_TABLE": "imports",
        "IMPORT_BUCKET": "bank-files",
        "QUARANTINE_QUEUE_URL": boto3.client("sqs").create_queue(QueueName="none")["QueueUrl"],
        "STATE_MACHINE_ARN": machine["stateMachineArn"],
        "SIGNING_KEY_ID": key["KeyMetadata"]["Arn"],
        "SEAL_BUCKET": "seals",
        "EVENT_BUS": STAGE,
    }


def _make_table(name: str) -> None:
    import boto3
    from cfnlint.decode.cfn_yaml import load

    table = load(str(FOUNDATION))["Resources"][f"{name}Table"]["Properties"]
    keys = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    settings = {key: table[key] for key in keys if key in table}
    boto3.client("dynamodb").create_table(TableName=name.lower(), **settings)
