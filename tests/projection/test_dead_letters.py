"""Dead letters are stored in SQS whole, whatever they contain, and never dropped silently."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
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

    def bodies(self) -> list[dict[str, Any]]:
        bodies: list[dict[str, Any]] = []
        while True:
            response = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            if "Messages" not in response:
                return bodies
            bodies += [json.loads(message["Body"]) for message in response["Messages"]]


@pytest.fixture
def queue() -> Iterator[Queue]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client("sqs", region_name="sa-east-1")
        yield Queue(client, client.create_queue(QueueName="quarantine")["QueueUrl"])


def test_a_record_is_stored_with_its_reason(queue: Queue) -> None:
    record = inserted(make_entry("padaria", "a", description="ção \u0085 \uffff"))
    SqsDeadLetters(queue.client, queue.url).send([DeadLetter(record, "because")])
    assert queue.bodies() == [{"reason": "because", "record": record}]


def test_any_number_of_records_fits(queue: Queue) -> None:
    letters = [DeadLetter({"eventID": str(number)}, "because") for number in range(25)]
    SqsDeadLetters(queue.client, queue.url).send(letters)
    assert {body["record"]["eventID"] for body in queue.bodies()} == {str(n) for n in range(25)}


def test_large_records_need_several_calls(queue: Queue) -> None:
    letters = [DeadLetter({"eventID": str(n), "much": "x" * 150_000}, "because") for n in range(3)]
    SqsDeadLetters(queue.client, queue.url).send(letters)
    assert len(queue.bodies()) == 3


def test_a_record_too_large_is_identified(queue: Queue) -> None:
    entry = make_entry("padaria", "a")
    record = inserted(entry) | {"much": "x" * 262_144}
    broken = {"eventID": "e", "much": "x" * 262_144}
    SqsDeadLetters(queue.client, queue.url).send([DeadLetter(record, "a"), DeadLetter(broken, "b")])
    names = {"eventID": record["eventID"], "entry_id": entry.entry_id}
    assert sorted(queue.bodies(), key=lambda body: str(body["reason"])) == [
        {"reason": "a", "too_large": names},
        {"reason": "b", "too_large": {"eventID": "e", "entry_id": None}},
    ]


def test_a_partly_failed_call_raises() -> None:
    failing = _FailingQueue()
    with pytest.raises(DeadLetterError, match="stored 1 of 2"):
        SqsDeadLetters(failing, "url").send([DeadLetter({}, "a"), DeadLetter({}, "b")])


class _FailingQueue:
    """SQS responds with 200 even when it stored only some of the messages."""

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        return {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "InternalError"}]}
