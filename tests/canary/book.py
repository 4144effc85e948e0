"""A cash book in memory that answers the canary as the service does, or wrongly when told to."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.canary.journey import Reply, Request

Twist = Callable[[Request, Reply], Reply]


@dataclass
class Book:
    """Holds entries by key; `twists` change what is answered, `closed` are days with a closing."""

    today: date = date(2026, 11, 23)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: set[date] = field(default_factory=set)
    twists: list[Twist] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    late_looks: int = 0

    def ask(self, request: Request) -> Reply:
        """Answer as the service would, and then as the twists have it."""
        self.asked.append(request)
        reply = self._answer(request)
        for twist in self.twists:
            reply = twist(request, reply)
        return reply

    def entry(self, key: str, entry_type: str = "credit", reverses: str | None = None) -> Reply:
        """Record an entry once a key."""
        known = {"id": f"id-of-{key}", "type": entry_type, "day": self.today.isoformat()}
        kept = self.entries.setdefault(key, {**known, "reverses": reverses, "reversed_by": None})
        return Reply(201, kept)

    def _answer(self, request: Request) -> Reply:
        path = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(path.query).items()}
        if request.body is not None and request.key:
            undone = re.fullmatch("/v1/entries/(.+)/reversal", path.path)
            return self._undo(undone[1], request.key) if undone else self.entry(request.key)
        return self._balances(query) if "balances" in path.path else self._list()

    def _undo(self, entry_id: str, key: str) -> Reply:
        (target,) = [entry for entry in self.entries.values() if entry["id"] == entry_id]
        if target["reversed_by"] not in (None, f"id-of-{key}"):
            return Reply(409, {})
        target["reversed_by"] = f"id-of-{key}"
        return self.entry(key, "debit", entry_id)

    def _list(self) -> Reply:
        credits = [entry for entry in self.entries.values() if entry["type"] == "credit"]
        return Reply(200, {"items": credits[::-1], "next_cursor": None})

    def _balances(self, query: dict[str, str]) -> Reply:
        complete = self.late_looks == 0
        self.late_looks = max(0, self.late_looks - 1)
        last = date.fromisoformat(query["to"])
        items = [self._balance(day) for day in (last - timedelta(days=1), last)]
        return Reply(200, {"items": items, "freshness": {"complete": complete}})

    def _balance(self, day: date) -> dict[str, Any]:
        before = sum(
            _cents(entry) for entry in self.entries.values() if entry["day"] < day.isoformat()
        )
        now = [_cents(one) for one in self.entries.values() if one["day"] == day.isoformat()]
        sides = {"credits": sum(c for c in now if c > 0), "debits": -sum(c for c in now if c < 0)}
        money = {"opening": before, **sides, "closing": before + sum(now)}
        return {
            "day": day.isoformat(),
            **{name: f"{cents / 100:.2f}" for name, cents in money.items()},
            "entries": len(now),
            "version": 1 if day in self.closed else None,
        }


def _cents(entry: dict[str, Any]) -> int:
    return 1 if entry["type"] == "credit" else -1
