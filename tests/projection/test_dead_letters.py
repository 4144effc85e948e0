"""Records are kept in SQS whole, whatever they hold, and never silently dropped."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.projection.dead_letters import DeadLetterError, SqsDeadLetters
from chalicelib.projection.project import Parked
from verification.kit.generators import entry, inserted


@dataclass(frozen=True)
class Queue:
    """An emulated queue."""

    client: Any
    url: str

    def bodies(self) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = []
        while True:
            answer = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            if "Messages" not in answer:
                return result
            result += [json.loads(message["Body"]) for message in answer["Messages"]]


@pytest.fixture
def queue() -> Iterator[Queue]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client("sqs", region_name="sa-east-1")
        yield Queue(client, client.create_queue(QueueName="quarantine")["QueueUrl"])


def test_a_record_is_kept_whole_with_its_reason(queue: Queue) -> None:
    record = inserted(entry("padaria", "a", description="ção \u0085 \uffff"))
    SqsDeadLetters(queue.client, queue.url).send([Parked(record, "because")])
    assert queue.bodies() == [{"reason": "because", "record": record}]


def test_any_number_of_records_fits(queue: Queue) -> None:
    parked = [Parked({"eventID": str(number)}, "because") for number in range(25)]
    SqsDeadLetters(queue.client, queue.url).send(parked)
    assert {body["record"]["eventID"] for body in queue.bodies()} == {str(n) for n in range(25)}


def test_large_records_travel_in_calls_of_their_own(queue: Queue) -> None:
    parked = [Parked({"eventID": str(n), "much": "x" * 150_000}, "because") for n in range(3)]
    SqsDeadLetters(queue.client, queue.url).send(parked)
    assert len(queue.bodies()) == 3


def test_a_record_too_large_for_a_message_is_kept_by_its_names(queue: Queue) -> None:
    one = entry("padaria", "a")
    record = inserted(one) | {"much": "x" * 262_144}
    broken = {"eventID": "e", "much": "x" * 262_144}
    SqsDeadLetters(queue.client, queue.url).send([Parked(record, "a"), Parked(broken, "b")])
    names = {"eventID": record["eventID"], "entry_id": one.entry_id}
    assert sorted(queue.bodies(), key=lambda body: str(body["reason"])) == [
        {"reason": "a", "too_large": names},
        {"reason": "b", "too_large": {"eventID": "e", "entry_id": None}},
    ]


def test_what_the_queue_did_not_keep_raises() -> None:
    refusing = _RefusingQueue()
    with pytest.raises(DeadLetterError, match="kept 1 of 2"):
        SqsDeadLetters(refusing, "url").send([Parked({}, "a"), Parked({}, "b")])


class _RefusingQueue:
    """SQS answers 200 even where it kept only some of the messages."""

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        return {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "InternalError"}]}
