"""Dead letters are stored in SQS whole, whatever they contain, and never dropped silently."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.projection.dead_letters import DeadLetter, DeadLetterError, SqsDeadLetters
from verification.kit.generators import entry as make_entry
from verification.kit.generators import inserted


@dataclass(frozen=True)
class Queue:
    """An emulated queue."""

    client: Any
    url: str

    def send(self, *letters: DeadLetter) -> list[dict[str, Any]]:
        """Store letters; return the bodies of all messages."""
        SqsDeadLetters(self.client, self.url).send(letters)
        bodies: list[dict[str, Any]] = []
        while messages := self._received():
            bodies += [json.loads(message["Body"]) for message in messages]
        return bodies

    def _received(self) -> Any:
        received = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return received.get("Messages")


@pytest.fixture
def queue() -> Iterator[Queue]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client("sqs", region_name="sa-east-1")
        yield Queue(client, client.create_queue(QueueName="quarantine")["QueueUrl"])


def test_a_record_is_stored_with_its_reason(queue: Queue) -> None:
    record = inserted(make_entry("padaria", "a", description="ção \u0085 \uffff"))
    assert queue.send(DeadLetter(record, "because")) == [{"reason": "because", "record": record}]


@pytest.mark.parametrize(("number", "size"), [(25, 1), (3, 150_000)])
def test_many_records_need_several_calls(queue: Queue, number: int, size: int) -> None:
    letters = [DeadLetter({"eventID": str(n), "much": "x" * size}, "") for n in range(number)]
    stored = {body["record"]["eventID"] for body in queue.send(*letters)}
    assert stored == {str(n) for n in range(number)}


def test_a_record_too_large_is_identified(queue: Queue) -> None:
    entry = make_entry("padaria", "a")
    record = inserted(entry) | {"much": "x" * 262_144}
    broken = {"eventID": "e", "much": "x" * 262_144}
    bodies = queue.send(DeadLetter(record, "a"), DeadLetter(broken, "b"))
    names = {"eventID": record["eventID"], "entry_id": entry.entry_id}
    assert sorted(bodies, key=lambda body: str(body["reason"])) == [
        {"reason": "a", "too_large": names},
        {"reason": "b", "too_large": {"eventID": "e", "entry_id": None}},
    ]


def test_a_partly_failed_call_raises() -> None:
    """SQS responds with 200 even when it stored only some of the messages."""
    response = {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "InternalError"}]}
    failing = SimpleNamespace(send_message_batch=lambda **_: response)
    with pytest.raises(DeadLetterError, match="stored 1 of 2"):
        Queue(failing, "url").send(DeadLetter({}, "a"), DeadLetter({}, "b"))
