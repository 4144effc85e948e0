"""Records that can never be projected, kept whole in SQS for whoever looks into them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.projection.project import Parked
from chalicelib.projection.stream_records import event_id, name_of

MESSAGES_AT_ONCE = 10
LARGEST_BYTES = 262_144
"""What every queue takes in one call, all messages together."""


class DeadLetterError(Exception):
    """SQS did not keep a record; the batch comes again."""


class SqsDeadLetters:
    """The quarantine queue of a deployment."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, parked: Sequence[Parked]) -> None:
        """Send every record with its reason; raise DeadLetterError, or the client's error, otherwise."""
        for bodies in _calls([_body(one) for one in parked]):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            failed = answer.get("Failed", [])
            if failed:
                codes = sorted({str(one.get("Code")) for one in failed})
                raise DeadLetterError(
                    f"SQS kept {len(bodies) - len(failed)} of {len(bodies)}: {codes}"
                )


def _body(parked: Parked) -> str:
    # ASCII alone: SQS refuses some characters, and a record may hold any.
    whole = json.dumps({"reason": parked.reason, "record": parked.record}, default=str)
    if len(whole) <= LARGEST_BYTES:
        return whole
    # Too large for a message. The table holds the item under this id.
    name = {"eventID": event_id(parked.record), "entry_id": name_of(parked.record)}
    return json.dumps({"reason": parked.reason, "too_large": name})


def _calls(bodies: Sequence[str]) -> Iterator[list[str]]:
    call: list[str] = []
    for body in bodies:
        full = len(call) == MESSAGES_AT_ONCE
        if call and (full or sum(map(len, call)) + len(body) > LARGEST_BYTES):
            yield call
            call = []
        call.append(body)
    if call:
        yield call
