"""Invoke every function, and print the rights that each one used.

`python -m tests.rights.scenario <host> <port> <database> <redis port>` prints JSON, a list of
rights by function. It emulates AWS in its own process; PostgreSQL is real.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.rights.iam_actions import (
    Place,
    Right,
    rights_of,
    sign_in_to_database,
    sign_in_to_redis,
)

PLACE = Place("us-east-1", "123456789012")
STAGE = "rights"
RESOURCE_ID = "db-RIGHTS"
CACHE = "livro-caixa-rights"


class Recorder:
    """Records each right under the function that runs."""

    def __init__(self) -> None:
        self.taken: dict[str, set[Right]] = defaultdict(set)
        self._function: str | None = None

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Attribute the calls in this block to a function, which starts without connections."""
        _forget_connections()
        self._function = function
        self.taken[function] |= set()
        yield
        self._function = None

    def call(self, params: Any, model: Any, **_: Any) -> None:
        """Record a call, as a handler of botocore's event provide-client-params."""
        if self._function is not None:
            service = str(model.service_model.service_id.hyphenize())
            self.taken[self._function] |= rights_of(service, model.name, params, PLACE)

    def right(self, *rights: Right) -> None:
        """Record rights that need no call of an AWS client."""
        if self._function is not None:
            self.taken[self._function].update(rights)


def _forget_connections() -> None:
    from chalicelib.closing import wiring as closing
    from chalicelib.commands import wiring as commands
    from chalicelib.projection import wiring as projection
    from chalicelib.queries import wiring as queries

    for room in (closing, commands, projection, queries):
        room.reset()


def main() -> None:
    """Run everything and print the rights."""
    host, port, database, redis_port = sys.argv[1:]
    _settle_in(host, port, database, redis_port)
    from moto import mock_aws

    recorder = Recorder()
    with mock_aws():
        resources = _make_resources()
        os.environ.update(resources)
        _listen(recorder)
        from tests.rights.iam_exercise import exercise

        exercise(recorder, resources)
    result = {name: sorted(rights) for name, rights in recorder.taken.items()}
    sys.stdout.write(json.dumps({"taken": result, "resources": resources}))


def _settle_in(host: str, port: str, database: str, redis_port: str) -> None:
    os.environ.update(
        AWS_ACCESS_KEY_ID="nobody",
        AWS_SECRET_ACCESS_KEY="nothing",
        AWS_DEFAULT_REGION=PLACE.region,
        STAGE=STAGE,
        DATABASE_HOST=host,
        DATABASE_PORT=port,
        DATABASE_NAME=database,
        DATABASE_TLS="off",
        DATABASE_AUTH="trust",
        REDIS_HOST=host,
        REDIS_PORT=redis_port,
        REDIS_TLS="off",
    )


def _listen(recorder: Recorder) -> None:
    from chalicelib.runtime import clients

    events = clients._session().events
    events.register("provide-client-params.*.*", recorder.call)
    events.register("before-call.cognito-identity-provider.*", _describe_client)
    connect, connect_to_redis = clients.database, clients.redis

    def database(role: str, *words: Any, **named: Any) -> Any:
        recorder.right(sign_in_to_database(role, PLACE, RESOURCE_ID))
        return connect(role, *words, **named)

    def redis() -> Any:
        recorder.right(*sign_in_to_redis(CACHE, CACHE, PLACE))
        return connect_to_redis()

    clients.database = database
    clients.redis = redis  # type: ignore[assignment]


def _describe_client(**_: Any) -> tuple[Any, dict[str, Any]]:
    # The emulation of Cognito would need another library.
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    described = {"UserPoolClient": {"ClientSecret": "none"}}
    return AWSResponse("", 200, HTTPHeaders(), None), described


def _make_resources() -> dict[str, str]:
    import boto3

    machine = boto3.client("stepfunctions").create_state_machine(
        name=f"livro-caixa-{STAGE}-daily-consolidation",
        definition=json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Succeed"}}}),
        roleArn=f"arn:aws:iam::{PLACE.account_id}:role/night",
    )
    key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    boto3.client("s3").create_bucket(Bucket="seals")
    boto3.client("events").create_event_bus(Name=f"livro-caixa-{STAGE}")
    queue = boto3.client("sqs").create_queue(QueueName="quarantine")["QueueUrl"]
    return {
        **_tables(),
        "QUARANTINE_QUEUE_URL": queue,
        "STATE_MACHINE_ARN": machine["stateMachineArn"],
        "SIGNING_KEY_ID": key["KeyMetadata"]["Arn"],
        "SEAL_BUCKET": "seals",
        "EVENT_BUS": f"livro-caixa-{STAGE}",
        "USER_POOL_ID": f"{PLACE.region}_rights",
        "CANARY_CLIENT_ID": "canary",
    }


def _tables() -> dict[str, str]:
    import boto3

    from tests.infrastructure.templates import of_type, template

    names = {"EntriesTable": "entries", "ClientsTable": "clients"}
    keys = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    for logical, table in of_type(template("foundation"), "AWS::DynamoDB::Table").items():
        words = {key: table[key] for key in keys if key in table}
        boto3.client("dynamodb").create_table(TableName=names[logical], **words)
    return {"ENTRIES_TABLE": "entries", "CLIENTS_TABLE": "clients"}


if __name__ == "__main__":
    main()
