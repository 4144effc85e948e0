"""What the service accepted, by plain addition of what was sent: all that a drill believes."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from verification.fault_injection.expected_entry import Sent

Line = tuple[str, str, str]
"""Merchant, account and currency."""


@dataclass
class Book:
    """Everything that was answered with 201, by the id that the service gave; threads share it.

    `contradictions` tell answers that say otherwise than what was sent, or than an earlier answer.
    """

    entries: dict[str, "Accepted"] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    _order: dict[str, list["Accepted"]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, told: "Accepted") -> str:
        """Write down an accepted entry and return its id, which must always tell the same."""
        with self._lock:
            known = self.entries.setdefault(told.entry_id, told)
            if known is told:
                self._order.setdefault(told.merchant, []).append(told)
            self.contradictions += told.contradictions()
            if (known.merchant, known.content) != (told.merchant, told.content):
                self.contradictions.append(f"{told.entry_id} was answered in two ways")
        return told.entry_id

    def sums(self) -> dict[Line, dict[str, int]]:
        """Return the net change in minor units of each line by day."""
        sums: dict[Line, dict[str, int]] = {}
        for entry in self.entries.values():
            days = sums.setdefault(entry.line, {})
            days[entry.day] = days.get(entry.day, 0) + entry.sent.effect_minor
        return sums

    def of_merchant(self, merchant: str) -> "list[Accepted]":
        """Return what was accepted of a merchant, in that order."""
        with self._lock:
            return list(self._order.get(merchant, ()))


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry as it was sent and as the service answered it, and whose it is."""

    merchant: str
    key: str
    sent: Sent
    answer: dict[str, Any]

    @property
    def entry_id(self) -> str:
        """The id that the service gave."""
        result: str = self.answer["id"]
        return result

    @property
    def content(self) -> dict[str, Any]:
        """What never changes of an entry."""
        return {name: v for name, v in self.answer.items() if name != "reversed_by"}

    @property
    def line(self) -> Line:
        """Which balance it belongs to."""
        return self.merchant, self.sent.asked["account"], self.sent.asked["currency"]

    @property
    def day(self) -> str:
        """The business day."""
        return self.sent.day(self.answer)

    def contradictions(self) -> Iterator[str]:
        """Yield how the answer differs from what was sent."""
        for difference in self.sent.differences(self.answer):
            yield f"{self.entry_id} of {self.merchant}: {difference}"
