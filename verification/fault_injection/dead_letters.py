"""Invalid records at each place of a stream batch: they alone must become dead letters."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from verification.commands import VerificationError
from verification.fault_injection.context import RECOVERY_SECONDS, Context
from verification.fault_injection.recovery import Deadline, await_recovery
from verification.local_cluster import PROJECTOR, LocalCluster, wait_until

Item = dict[str, Any]
POISON = "poison in a batch"
BATCH = 7
"""Records in a batch; the invalid record takes each place in turn."""
LOG_SECONDS = 5.0


class DeadLetterError(VerificationError):
    """A valid record became a dead letter."""


def poison_each_place(context: Context) -> None:
    """Put an invalid record at each place of a batch; it counts if valid records were with it."""
    for place in range(BATCH):
        writer = context.writers[place % len(context.writers)]
        since = context.log.mark()
        with stream_paused(context.cluster):
            for number in range(BATCH):
                if number == place:
                    context.poison.add(put_poison(context.cluster, len(context.poison)))
                else:
                    newest = writer.write(1)
        deadline = Deadline(time.monotonic(), RECOVERY_SECONDS, POISON)
        seconds = await_recovery(writer.client, newest, deadline)
        if _is_rejected_alone(context, since):
            context.struck[POISON] += 1
            context.recovered(POISON, seconds)


@contextmanager
def stream_paused(cluster: LocalCluster) -> Iterator[None]:
    """Let the stream collect records, so that the projector receives them as one batch."""
    functions = cluster.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=PROJECTOR)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def put_poison(cluster: LocalCluster, number: int) -> str:
    """Put an item that is not a valid entry into the ledger's table; return its id."""
    name = f"{'poison'}{number:026d}".translate(str.maketrans("0189", "abcd"))
    record: Item = _KINDS[number % len(_KINDS)] | {"entry_id": {"S": name}}
    variables = cluster.endpoints["variables"]
    cluster.client("dynamodb").put_item(TableName=variables["ENTRIES_TABLE"], Item=record)
    return name


def dead_letters(cluster: LocalCluster, expected: set[str]) -> set[str]:
    """Return the ids in the dead-letter queue, once all that are expected are there.

    Raises DeadLetterError if there are others.
    """
    queue = cluster.endpoints["variables"]["QUARANTINE_QUEUE_URL"]
    client, ids = cluster.client("sqs"), set[str]()

    def receive() -> bool:
        response = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in response.get("Messages", []):
            record = json.loads(message["Body"])["record"]
            ids.add(record["dynamodb"]["Keys"]["entry_id"]["S"])
        return ids >= expected

    wait_until(receive, f"{len(expected)} dead letters did not all arrive", cluster.log)
    if valid := ids - expected:
        raise DeadLetterError(f"{len(valid)} valid records are dead letters, such as {valid.pop()}")
    return ids


def _is_rejected_alone(context: Context, since: int) -> bool:
    # The balance contains an entry a moment before the emulator logs the batch.
    end = time.monotonic() + LOG_SECONDS
    while not context.log.has_rejected_one_of_many(since):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


_KINDS: tuple[Item, ...] = (
    {"kind": {"S": "entry"}},
    {"kind": {"S": "neither"}, "amount_minor": {"N": "1"}},
    {
        "kind": {"S": "entry"}, "merchant_id": {"S": "padaria"}, "type": {"S": "credit"},
        "currency": {"S": "BRL"}, "account": {"S": "main"}, "day": {"S": "2026-11-23"},
        "occurred_at": {"S": "2026-11-23T14:05:00-03:00"}, "amount_minor": {"N": "-1"},
        "recorded_at": {"S": "2026-11-23T17:05:00.000Z"}, "recorded_by": {"S": "nobody"},
        "text_digest": {"S": "x"}, "request_digest": {"S": "x"},
    },
    {"kind": {"N": "5"}},
)  # fmt: skip
