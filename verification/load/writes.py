"""Entries written under load: each is due at its moment, and known whether it was accepted."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from verification.fault_injection.book import Accepted, Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.expected_entry import entry_sent
from verification.load.requests import entry

Post = Callable[[dict[str, Any], str], Any]
"""Posts a body under a key; returns the answer's JSON, None where it was not accepted."""


@dataclass
class Writes:
    """The writes of one run, by number; who was not answered is asked again at the end."""

    book: Book
    merchant: str
    name: str
    unanswered: dict[str, dict[str, Any]] = field(default_factory=dict)

    def by(self, post: Post) -> Callable[[int], bool]:
        """Return an asker that writes entry number n by a way of posting."""

        def ask(number: int) -> bool:
            key = f"{self.name}-{number}"
            body = entry(random.Random(key))
            answer = post(body, key)
            if answer is None:
                self.unanswered[key] = body
                return False
            self._accept(key, body, answer)
            return True

        return ask

    def settle(self, consumer: Consumer) -> int:
        """Ask again for what was not answered, under the same keys; return how many there were."""
        for key, body in self.unanswered.items():
            answer = consumer.post("/v1/entries", body, key).json
            self._accept(key, body, answer)
        return len(self.unanswered)

    def _accept(self, key: str, body: dict[str, Any], answer: dict[str, Any]) -> None:
        self.book.accept(Accepted(self.merchant, key, entry_sent(body), answer))
