"""Poison at each place of a batch of the stream: it is parked whole, and the rest goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from verification.local_cluster import PROJECTOR, Laptop, wait_until

Item = dict[str, Any]
ROUND_OF = 7
"""Records in a batch; the poison takes each place in turn."""


class DeadLetterError(RuntimeError):
    """Something sound was parked."""


@contextmanager
def held_back(laptop: Laptop) -> Iterator[None]:
    """Let the stream collect records, so that they come to the projector as one batch."""
    functions = laptop.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=PROJECTOR)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def put_poison(laptop: Laptop, number: int) -> str:
    """Put an item into the ledger's table that can be no entry, each in another way."""
    name = f"{'poison'}{number:026d}".translate(str.maketrans("0189", "abcd"))
    item: Item = {"entry_id": {"S": name}, **_KINDS[number % len(_KINDS)]}
    variables = laptop.endpoints["variables"]
    laptop.client("dynamodb").put_item(TableName=variables["ENTRIES_TABLE"], Item=item)
    return name


def parked(laptop: Laptop, expected: set[str]) -> set[str]:
    """Return what the quarantine holds, once all that is expected is there.

    Raises DeadLetterError when something else is there too.
    """
    queue = laptop.endpoints["variables"]["QUARANTINE_QUEUE_URL"]
    client, result = laptop.client("sqs"), set[str]()

    def look() -> bool:
        answer = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        result.update(_named(message) for message in answer.get("Messages", []))
        return result >= expected

    wait_until(look, f"{len(expected)} poison records were not all parked", laptop.log)
    if sound := result - expected:
        raise DeadLetterError(
            f"{len(sound)} records were parked that are no poison, such as {sound.pop()}"
        )
    return result


def _named(message: dict[str, Any]) -> str:
    record = json.loads(message["Body"])["record"]
    name: str = record["dynamodb"]["Keys"]["entry_id"]["S"]
    return name


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
