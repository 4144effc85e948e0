"""What is written during a drill: batches, single entries, replays, reversals and late entries."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from verification.fault_injection.book import Accepted, Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.expected_entry import Body, Sent, entry_sent, reversal_sent

ZONE = ZoneInfo("America/Sao_Paulo")
ACCOUNTS = ("main", "bank")
DAYS_BACK = 40
IN_ONE_BATCH = 60
REASON = "em dobro"


class SplitHistoryError(RuntimeError):
    """A request was refused, or answered with another entry than the first time."""


@dataclass
class Writer:
    """Writes for one merchant and puts down what is accepted; `seed` decides everything.

    `keys` begins each Idempotency-Key; several merchants may use the same.
    """

    consumer: Consumer
    book: Book
    seed: str
    keys: str
    replays: int = 0
    reversals: int = 0
    _number: int = 0
    _reversed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def write(self, how_many: int) -> str:
        """Write at least so many new entries; return the id of the last one."""
        left = how_many - 1
        while left > 0:
            self._batch(min(left, IN_ONE_BATCH))
            left -= IN_ONE_BATCH
        self._reverse_something()
        self._replay_something()
        return self._single()

    def _batch(self, size: int) -> str:
        waiting = {self._key(): self._body() for _ in range(size)}
        newest = ""
        while waiting:
            sent = [{"idempotency_key": key, **body} for key, body in waiting.items()]
            results = self.consumer.post("/v1/entries/batch", {"entries": sent}).json["results"]
            for key, outcome in zip(list(waiting), results, strict=True):
                if outcome["status"] == 201:
                    newest = self._accept(key, entry_sent(waiting.pop(key)), outcome["entry"])
                elif outcome["status"] != 503:  # for 503 it is sent again
                    raise SplitHistoryError(f"{key} was refused: {outcome}")
        return newest

    def _single(self) -> str:
        key, body = self._key(), self._body()
        answer = self.consumer.post("/v1/entries", body, key).json
        return self._accept(key, entry_sent(body), answer)

    def _reverse_something(self) -> None:
        one = self._any_of_its_own()
        if one is None or one.entry_id in self._reversed:
            return
        self._reversed.add(one.entry_id)
        self.reversals += 1
        path, key = f"/v1/entries/{one.entry_id}/reversal", self._key()
        began = datetime.now(UTC)
        answer = self.consumer.post(path, {"reason": REASON}, key).json
        self._accept(key, reversal_sent(one.sent, one.entry_id, REASON, began), answer)

    def _replay_something(self) -> None:
        one = self._any_of_its_own()
        if one is None:
            return
        answer = self.consumer.post("/v1/entries", one.sent.body, one.key)
        if answer.json["id"] != one.entry_id or "idempotent-replayed" not in answer.headers:
            raise SplitHistoryError(f"{one.entry_id} came again as {answer.text}")
        self._accept(one.key, one.sent, answer.json)
        self.replays += 1

    def _any_of_its_own(self) -> Accepted | None:
        lately = self.book.of_merchant(self.consumer.merchant)[-500:]
        known = [one for one in lately if one.sent.body]
        return self._chance.choice(known) if known else None

    def _accept(self, key: str, sent: Sent, answer: Body) -> str:
        return self.book.accept(Accepted(self.consumer.merchant, key, sent, answer))

    def _key(self) -> str:
        self._number += 1
        return f"{self.keys}-{self._number}"

    def _body(self) -> Body:
        chance = self._chance
        currency = "JPY" if chance.random() < 0.1 else "BRL"
        units = chance.randrange(1, 90_000)
        amount = str(units) if currency == "JPY" else f"{units // 100}.{units % 100:02}"
        return {
            "type": chance.choice(("credit", "debit")),
            "amount": amount,
            "currency": currency,
            "account": chance.choice(ACCOUNTS),
            "occurred_at": self._moment().isoformat(timespec="seconds"),
            "description": "Venda balcão",
            "category": chance.choice(("sales", "suppliers")),
        }

    def _moment(self) -> datetime:
        # Half of the entries are of now, the others come late.
        late = self._chance.random() < 0.5
        back = timedelta(minutes=self._chance.randrange(DAYS_BACK * 24 * 60) if late else 0)
        return datetime.now(ZONE) - back
