"""Writes entries for a merchant: batches, single entries, replays, reversals and late entries."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from verification.commands import VerificationError
from verification.fault_injection.client import RetryingClient
from verification.fault_injection.expected_entry import (
    AcceptedEntries,
    AcceptedEntry,
    Body,
    ExpectedResponse,
    entry_response,
    reversal_response,
)
from verification.kit.generators import ZONE, Mix, body_of, draft
from verification.kit.reference_model import ExpectedEntry

DAYS_BACK = 40
BATCH_SIZE = 60
REASON = "em dobro"
MIX = Mix(
    currencies=("BRL",) * 9 + ("JPY",),
    accounts=("main", "bank"),
    categories=("sales", "suppliers"),
    descriptions=("Venda balcão",),
    metadata_share=0.0,
    amounts=lambda chance: chance.randrange(1, 90_000),
)


class SplitHistoryError(VerificationError):
    """A request was rejected, or its repetition returned another entry."""


@dataclass
class Writer:
    """Writes for one merchant and collects what is accepted; `seed` decides what is written.

    `keys` is the prefix of each Idempotency-Key; merchants may share it.
    """

    client: RetryingClient
    accepted: AcceptedEntries
    seed: str
    keys: str
    replays: int = 0
    reversals: int = 0
    _number: int = 0
    _reversed: set[str] = field(default_factory=set)
    _originals: list[AcceptedEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def write(self, count: int) -> ExpectedEntry:
        """Write at least `count` new entries; return the last one."""
        left = count - 1
        while left > 0:
            self._batch(min(left, BATCH_SIZE))
            left -= BATCH_SIZE
        self._reverse_an_entry()
        self._replay_an_entry()
        key, body = self._key(), self._body()
        self._accept_new(key, body, self.client.post("/v1/entries", body, key).json)
        return self._originals[-1].entry

    def _batch(self, size: int) -> None:
        waiting = {self._key(): self._body() for _ in range(size)}
        while waiting:
            items = [{"idempotency_key": key, **body} for key, body in waiting.items()]
            results = self.client.post("/v1/entries/batch", {"entries": items}).json["results"]
            for key, result in zip(list(waiting), results, strict=True):
                if result["status"] == 201:
                    self._accept_new(key, waiting.pop(key), result["entry"])
                elif result["status"] != 503:  # 503 is sent again
                    raise SplitHistoryError(f"{key} was rejected: {result}")

    def _reverse_an_entry(self) -> None:
        original = self._any_recent()
        if original is None or original.entry_id in self._reversed:
            return
        self._reversed.add(original.entry_id)
        self.reversals += 1
        path, key = f"/v1/entries/{original.entry_id}/reversal", self._key()
        began = datetime.now(UTC)
        response = self.client.post(path, {"reason": REASON}, key).json
        expected = reversal_response(original.expected, original.entry_id, REASON, began)
        self._accept(key, expected, response)

    def _replay_an_entry(self) -> None:
        original = self._any_recent()
        if original is None:
            return
        response = self.client.post("/v1/entries", original.expected.body, original.key)
        is_replay = "idempotent-replayed" in response.headers
        if response.json["id"] != original.entry_id or not is_replay:
            raise SplitHistoryError(f"the replay of {original.entry_id} returned {response.text}")
        self._accept(original.key, original.expected, response.json)
        self.replays += 1

    def _any_recent(self) -> AcceptedEntry | None:
        recent = self._originals[-500:]
        return self._chance.choice(recent) if recent else None

    def _accept_new(self, key: str, body: Body, response: Body) -> None:
        self._originals.append(self._accept(key, entry_response(body), response))

    def _accept(self, key: str, expected: ExpectedResponse, response: Body) -> AcceptedEntry:
        accepted = AcceptedEntry(self.client.merchant, key, expected, response)
        self.accepted.accept(accepted)
        return accepted

    def _key(self) -> str:
        self._number += 1
        return f"{self.keys}-{self._number}"

    def _body(self) -> Body:
        return body_of(draft(self._chance, MIX, _now_or_late))


def _now_or_late(chance: random.Random) -> str:
    # Half of the entries happen now, the others up to forty days ago.
    late = chance.random() < 0.5
    back = timedelta(minutes=chance.randrange(DAYS_BACK * 24 * 60) if late else 0)
    return (datetime.now(ZONE) - back).isoformat(timespec="seconds")
