"""Round trips of a first request and of its replay, with Redis before the ledger or not."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.commands.idempotency_cache import NullCache
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.wiring import ports
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.principal import Principal
from chalicelib.runtime import clients, wiring
from local.deployment import deploy_foundation
from local.emulator import ACCESS, start_emulator
from verification.benchmarks import Extent
from verification.benchmarks.events import BODY
from verification.benchmarks.results import Comparison, at_most
from verification.benchmarks.rounds import silence_logs
from verification.benchmarks.servers import valkey_server

WITH_REDIS, WITHOUT_REDIS = "with Redis", "without Redis"
FIRST, REPLAY = "first request", "replay"
_ABOUT = (
    "An entry is recorded under a key, and the same request repeated. Round trips are counted "
    "where boto3 and redis-py send."
)
Call = Callable[[str], object]
"""Records an entry under a key, or returns the one that was recorded under it."""


def measure(_extent: Extent) -> Comparison:
    """Return the round trips of a first request and of its replay, which no extent changes."""
    with valkey_server(), _ledger(), silence_logs():
        calls = {WITH_REDIS: _recorder(has_redis=True), WITHOUT_REDIS: _recorder(has_redis=False)}
        trips = {name: _trips(call) for name, call in calls.items()}
    return Comparison(
        title="Idempotency: a request and its replay",
        about=_ABOUT,
        columns=["round trips", FIRST, REPLAY],
        rows=[[name, *map(_listed, trips[name].values())] for name in trips],
        targets=[
            at_most(f"round trips of a {REPLAY}, {name}", trips[name][REPLAY].total(), 1)
            for name in calls
        ],
    )


def _recorder(has_redis: bool) -> Call:
    command_ports = ports() if has_redis else replace(ports(), cache=NullCache())
    principal = Principal("padaria", "joana")
    draft = EntryDraft(
        type="credit",
        amount_minor=15_075,
        description=BODY["description"],
        category=BODY["category"],
        metadata=BODY["metadata"],
    )
    return lambda key: record(command_ports, principal, RecordEntry(key, BODY, draft)).entry


@contextmanager
def _ledger() -> Iterator[None]:
    """Start the emulator with the tables."""
    with tempfile.TemporaryDirectory(prefix="livro-benchmark-") as folder:
        emulator = start_emulator(Path(folder) / "emulator")
        try:
            outputs = deploy_foundation(emulator)
            os.environ |= ACCESS | {
                "AWS_ENDPOINT_URL": emulator.endpoint,
                "ENTRIES_TABLE": outputs["EntriesTable"],
            }
            wiring.reset()
            yield
        finally:
            emulator.server.stop()


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    """Count what is sent to DynamoDB and Redis while the block lasts."""
    from redis.connection import AbstractConnection

    counts: Counter[str] = Counter()
    send = AbstractConnection.send_packed_command

    def count_redis(connection: Any, *words: Any, **options: Any) -> Any:
        counts["Redis"] += 1
        return send(connection, *words, **options)

    def count_dynamodb(**_event: Any) -> None:
        counts["DynamoDB"] += 1

    events = clients.aws("dynamodb").meta.events
    events.register("before-send.dynamodb", count_dynamodb)
    setattr(AbstractConnection, "send_packed_command", count_redis)  # noqa: B010
    try:
        yield counts
    finally:
        setattr(AbstractConnection, "send_packed_command", send)  # noqa: B010
        events.unregister("before-send.dynamodb", count_dynamodb)


def _trips(call: Call) -> dict[str, Counter[str]]:
    """Return the round trips to each store of a first request and of a replay, once warm."""
    call("warm")
    call("warm")
    with _counted() as counts:
        call("counted")
        first = Counter(counts)
        call("counted")
        replay = Counter(counts) - first
    return {FIRST: first, REPLAY: replay}


def _listed(trips: Counter[str]) -> str:
    stores = ", ".join(f"{store} {number}" for store, number in sorted(trips.items()))
    return f"{trips.total()} ({stores})"
