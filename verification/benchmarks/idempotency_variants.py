"""Ways to record an entry once a key, over real clients whose round trips can be counted."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.commands.idempotency_cache import NullCache
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.wiring import ports
from chalicelib.ledger.entries import Entry, EntryDraft, entry_id
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.runtime import clients
from verification.benchmarks import strategies
from verification.benchmarks.events import BODY, CONTEXT

MERCHANT, SUBJECT = "padaria", "joana"
Call = Callable[[str], object]
"""Does the thing under a key, or answers what it did under it before."""


def own(with_memory: bool) -> Call:
    """Return the command side's own way: one conditional put, Redis in front or not."""
    made = ports() if with_memory else replace(ports(), cache=NullCache())
    principal = Principal(MERCHANT, SUBJECT)

    def call(key: str) -> object:
        return record(made, principal, RecordEntry(key, BODY, _draft())).entry

    return call


def powertools_on_dynamodb() -> Call:
    """Return Powertools' way with its records in a DynamoDB table."""
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    client = clients.aws("dynamodb")
    table = f"idempotency-{secrets.token_hex(4)}"
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    store = DynamoDBPersistenceLayer(table_name=table, boto3_client=client)
    return _guarded_put(store, payload_validation_jmespath="body")


def powertools_on_redis() -> Call:
    """Return Powertools' way with its records in Redis.

    Without its comparison of payloads: with it, each replay is refused, because the record of an
    answer is kept without the payload's hash (aws-lambda-powertools 3.37.0).
    """
    from aws_lambda_powertools.utilities.idempotency.persistence.cache import (
        CachePersistenceLayer,
    )

    return _guarded_put(CachePersistenceLayer(client=clients.redis()))


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count what is sent to DynamoDB and Redis, by store, while the block lasts."""
    from redis.connection import AbstractConnection

    counts: Counter[str] = Counter()
    send = AbstractConnection.send_packed_command

    def sent(connection: Any, *words: Any, **options: Any) -> Any:
        counts["Redis"] += 1
        return send(connection, *words, **options)

    def asked(**_about: Any) -> None:
        counts["DynamoDB"] += 1

    events = clients.aws("dynamodb").meta.events
    events.register("before-send.dynamodb", asked)
    setattr(AbstractConnection, "send_packed_command", sent)  # noqa: B010
    try:
        yield counts
    finally:
        setattr(AbstractConnection, "send_packed_command", send)  # noqa: B010
        events.unregister("before-send.dynamodb", asked)


def _draft() -> EntryDraft:
    return EntryDraft(
        type="credit",
        amount_minor=15_075,
        description=BODY["description"],
        category=BODY["category"],
        metadata=BODY["metadata"],
    )


def _guarded_put(persistence: Any, **options: Any) -> Call:
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

    config = IdempotencyConfig(event_key_jmespath="key", **options)
    config.register_lambda_context(CONTEXT)

    @idempotent_function(
        data_keyword_argument="request", persistence_store=persistence, config=config
    )
    def put(request: dict[str, Any]) -> dict[str, Any]:
        item = strategies.item(_entry(request["key"]))
        clients.aws("dynamodb").put_item(TableName=_table(), Item=item)
        return item

    return lambda key: put(request={"key": f"{MERCHANT}#{key}", "body": BODY})


def _entry(key: str) -> Entry:
    now = datetime.now(UTC)
    receipt = RecordingContext(MERCHANT, SUBJECT, now, strategies.ZONE, secrets.token_hex(16))
    return make_entry(_draft(), receipt, entry_id(MERCHANT, key))


def _table() -> str:
    from chalicelib.runtime import settings

    return settings.current().entries_table
