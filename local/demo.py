"""Record a bakery's quarter through the API alone, and print a month's daily balances from it.

Every request has a key of its own, so a second demo replays the first and adds nothing.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from local.bakery import ZONE, Posting, late_postings, postings, quarter_before, reversed_keys
from local.http_client import call

BATCH = 100
TRIES = 5
SECONDS_FOR_THE_READ_MODEL = 120.0


class DemoError(RuntimeError):
    """The service refused something that it should have taken; the message quotes it."""


@dataclass(frozen=True)
class Book:
    """A merchant's book, reached over HTTP with an operator's token."""

    base_url: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Send a request, again where the service says so, and answer the JSON."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        for _ in range(TRIES):
            answer = call(method, self.base_url + path, headers, text)
            if answer.status not in {429, 503}:
                break
            time.sleep(float(answer.headers.get("Retry-After", "1")))
        if answer.status >= 300:
            raise DemoError(f"{method} {path} was answered {answer.status}: {answer.text}")
        return answer.body


def run_demo(book: Book, tell: Callable[[str], None], now: datetime | None = None) -> None:
    """Record the quarter before this month, wait for the read model, print the last month."""
    days = quarter_before((now or datetime.now(ZONE)).date())
    started = time.monotonic()
    entry_ids = _record(book, list(postings(days)), tell)
    newest = _afterthoughts(book, days, entry_ids)
    tell(f"  {time.monotonic() - started:.1f} s in all; waiting for the read model …")
    month = [day for day in days if day.month == days[-1].month]
    print(_table(_balances(book, month, newest)))


def _record(book: Book, wanted: list[Posting], tell: Callable[[str], None]) -> dict[str, str]:
    """Record everything in batches; answer the entries' ids by key."""
    entry_ids: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        entries = [{"idempotency_key": one.key, **one.request()} for one in batch]
        results = _settled(book, {"entries": entries})
        for posting, outcome in zip(batch, results, strict=True):
            if outcome["status"] != 201:
                raise DemoError(f"{posting.key} was refused: {outcome}")
            entry_ids[posting.key] = outcome["entry"]["id"]
        tell(f"  {len(entry_ids)} of {len(wanted)} entries recorded")
    return entry_ids


def _settled(book: Book, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Send a batch, again while items were not begun; what is recorded already is a replay."""
    results: list[dict[str, Any]] = []
    for _ in range(TRIES):
        results = book.ask("POST", "/v1/entries/batch", batch)["results"]
        if all(outcome["status"] != 503 for outcome in results):
            break
    return results


def _afterthoughts(book: Book, days: list[date], entry_ids: dict[str, str]) -> str:
    """Record the late entries and the reversals, one by one; answer the newest entry's id."""
    newest = ""
    for late in late_postings(days):
        newest = book.ask("POST", "/v1/entries", late.request(), late.key)["id"]
    for key in reversed_keys(days):
        path = f"/v1/entries/{entry_ids[key]}/reversal"
        body = {"reason": "Pix lançado em dobro"}
        newest = book.ask("POST", path, body, f"{key}-reversal")["id"]
    return newest


def _balances(book: Book, month: list[date], newest: str) -> list[dict[str, Any]]:
    path = f"/v1/daily-balances?from={month[0]}&to={month[-1]}&after={newest}"
    end = time.monotonic() + SECONDS_FOR_THE_READ_MODEL
    while True:
        answer = book.ask("GET", path)
        if answer["freshness"]["complete"]:
            items: list[dict[str, Any]] = answer["items"]
            return items
        if time.monotonic() > end:
            raise DemoError(f"the read model lacks entry {newest} after a long wait")


def _table(items: list[dict[str, Any]]) -> str:
    columns = ("day", "opening", "credits", "debits", "closing", "entries", "status")
    rows = [columns, *(tuple(str(item[column]) for column in columns) for item in items)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
