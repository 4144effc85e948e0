"""A cash book in memory that responds to the canary as the service does, or wrongly on request."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.canary.journey import Request, Response

Twist = Callable[[Request, Response], Response]


@dataclass
class Book:
    """Entries by key; `twists` change the responses, and `closed` are the closed days."""

    today: date = date(2026, 11, 23)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: set[date] = field(default_factory=set)
    twists: list[Twist] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    late_reads: int = 0

    def send(self, request: Request) -> Response:
        """Respond as the service does, then change the response by the twists."""
        self.requests.append(request)
        response = self._respond(request)
        for twist in self.twists:
            response = twist(request, response)
        return response

    def entry(self, key: str, entry_type: str = "credit", reverses: str | None = None) -> Response:
        """Record an entry, once per key."""
        new = {"id": f"id-of-{key}", "type": entry_type, "day": self.today.isoformat()}
        entry = self.entries.setdefault(key, {**new, "reverses": reverses, "reversed_by": None})
        return Response(201, entry)

    def _respond(self, request: Request) -> Response:
        path = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(path.query).items()}
        if request.body is not None and request.key:
            reversal = re.fullmatch("/v1/entries/(.+)/reversal", path.path)
            return self._reverse(reversal[1], request.key) if reversal else self.entry(request.key)
        return self._balances(query) if "balances" in path.path else self._list(query)

    def _reverse(self, entry_id: str, key: str) -> Response:
        (target,) = [entry for entry in self.entries.values() if entry["id"] == entry_id]
        if target["reversed_by"] not in (None, f"id-of-{key}"):
            return Response(409, {})
        target["reversed_by"] = f"id-of-{key}"
        return self.entry(key, "debit", entry_id)

    def _list(self, query: dict[str, str]) -> Response:
        credits = [entry for entry in self.entries.values() if entry["type"] == "credit"][::-1]
        first = int(query.get("cursor", 0))
        end = first + int(query["limit"])
        next_cursor = str(end) if end < len(credits) else None
        return Response(200, {"items": credits[first:end], "next_cursor": next_cursor})

    def _balances(self, query: dict[str, str]) -> Response:
        complete = self.late_reads == 0
        self.late_reads = max(0, self.late_reads - 1)
        last = date.fromisoformat(query["to"])
        items = [self._balance(day) for day in (last - timedelta(days=1), last)]
        return Response(200, {"items": items, "freshness": {"complete": complete}})

    def _balance(self, day: date) -> dict[str, Any]:
        before = sum(
            _cents(entry) for entry in self.entries.values() if entry["day"] < day.isoformat()
        )
        now = [_cents(e) for e in self.entries.values() if e["day"] == day.isoformat()]
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
