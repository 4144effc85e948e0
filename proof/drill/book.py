"""What the service accepted, by plain addition: the only truth that a drill believes."""

import threading
from dataclasses import dataclass, field
from typing import Any

Line = tuple[str, str, str]
"""Merchant, account and currency."""


@dataclass
class Book:
    """Everything that was answered with 201, by the id that the service gave; threads share it."""

    entries: dict[str, "Accepted"] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    _order: dict[str, list["Accepted"]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, told: "Accepted") -> str:
        """Write down an accepted entry and return its id, which must always tell the same."""
        with self._lock:
            known = self.entries.setdefault(told.entry_id, told)
            self._order.setdefault(told.merchant, []).append(told)
        if known.content != told.content:
            self.contradictions.append(f"{told.entry_id} was answered in two ways")
        return told.entry_id

    def sums(self) -> dict[Line, dict[str, int]]:
        """Return the net change in minor units of each line by day."""
        sums: dict[Line, dict[str, int]] = {}
        for one in self.entries.values():
            days = sums.setdefault(one.line, {})
            days[one.day] = days.get(one.day, 0) + one.effect_minor
        return sums

    def of_merchant(self, merchant: str) -> "list[Accepted]":
        """Return what was accepted of a merchant, in that order."""
        with self._lock:
            return list(self._order.get(merchant, ()))


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry as the service answered it, whose it is, and how it was asked for.

    `sent` is the body of POST /v1/entries, None for a reversal.
    """

    merchant: str
    key: str
    sent: dict[str, Any] | None
    answer: dict[str, Any]

    @property
    def entry_id(self) -> str:
        """The id that the service gave."""
        told: str = self.answer["id"]
        return told

    @property
    def content(self) -> dict[str, Any]:
        """What never changes of an entry."""
        return {name: v for name, v in self.answer.items() if name != "reversed_by"}

    @property
    def line(self) -> Line:
        """Which balance it belongs to."""
        return self.merchant, self.answer["account"], self.answer["currency"]

    @property
    def day(self) -> str:
        """The business day."""
        day: str = self.answer["day"]
        return day

    @property
    def effect_minor(self) -> int:
        """What it adds to the balance, in minor units."""
        minor = minor_units(self.answer["amount"])
        return minor if self.answer["type"] == "credit" else -minor


def minor_units(amount: str) -> int:
    """Return the minor units of a decimal string; the digits after the point tell how many."""
    return int(amount.replace(".", ""))
