"""Records that can never be projected, stored in SQS for an operator to investigate."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.projection.entry_changes import Record, entry_id_of, event_id

MESSAGES_PER_CALL = 10
LARGEST_BYTES = 262_144
"""What every queue accepts in one call, all messages together."""


class DeadLetterError(Exception):
    """SQS did not store every record, so the batch must be delivered again."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that can never be projected, and the reason."""

    record: Record
    reason: str


class SqsDeadLetters:
    """The queue of dead letters of a deployment."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Send every record with its reason; raise DeadLetterError, or the client's error."""
        for bodies in _calls([_body(letter) for letter in letters]):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
            response = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            failed = response.get("Failed", [])
            if failed:
                codes = sorted({str(failure.get("Code")) for failure in failed})
                stored = len(bodies) - len(failed)
                raise DeadLetterError(f"SQS stored {stored} of {len(bodies)} messages: {codes}")


def _body(letter: DeadLetter) -> str:
    # Only ASCII: SQS rejects some characters, and a record may contain any.
    whole = json.dumps({"reason": letter.reason, "record": letter.record}, default=str)
    if len(whole) <= LARGEST_BYTES:
        return whole
    # Too large for a message; the item is in the table under this id.
    name = {"eventID": event_id(letter.record), "entry_id": entry_id_of(letter.record)}
    return json.dumps({"reason": letter.reason, "too_large": name})


def _calls(bodies: Sequence[str]) -> Iterator[list[str]]:
    call: list[str] = []
    for body in bodies:
        is_full = len(call) == MESSAGES_PER_CALL
        if call and (is_full or sum(map(len, call)) + len(body) > LARGEST_BYTES):
            yield call
            call = []
        call.append(body)
    if call:
        yield call
