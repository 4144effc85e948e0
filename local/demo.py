"""Record three months of a bakery's entries, print a month's balances, and write its statement.

Each request has its own idempotency key, so a second demo replays the first and adds nothing.
"""

import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from local.bakery import ZONE, Posting, late_postings, postings, quarter_before, reversed_keys
from local.demo_client import ATTEMPTS, ApiClient, DemoError
from local.demo_import import import_statement

BATCH_SIZE = 100
SECONDS_FOR_THE_READ_MODEL = 120.0


def run_demo(
    client: ApiClient, folder: Path, report: Callable[[str], None], now: datetime | None = None
) -> date:
    """Record the three months before this one, print the last month's balances, write its files.

    Then a bank file is imported. The statement is written into `folder` as PDF and XLSX. Returns
    the last day of that month.
    """
    days = quarter_before((now or datetime.now(ZONE)).date())
    started = time.monotonic()
    entry_ids = _record(client, list(postings(days)), report)
    newest = _record_late_entries_and_reversals(client, days, entry_ids)
    report(f"  {time.monotonic() - started:.1f} s in total; waiting for the read model …")
    month = [day for day in days if day.month == days[-1].month]
    print(_table(_balances(client, month, newest)))
    import_statement(client, postings(days), month[-1], report)
    for name in ("pdf", "xlsx"):
        path = folder / f"extrato-{month[-1]:%Y-%m}.{name}"
        path.write_bytes(client.download(f"/v1/statements/{month[-1]:%Y-%m}?format={name}"))
        report(f"The month's statement: {path}")
    return month[-1]


def _record(
    client: ApiClient, expected: list[Posting], report: Callable[[str], None]
) -> dict[str, str]:
    """Record all entries in batches; return their ids by idempotency key."""
    entry_ids: dict[str, str] = {}
    for start in range(0, len(expected), BATCH_SIZE):
        batch = expected[start : start + BATCH_SIZE]
        entries = [{"idempotency_key": posting.key, **posting.request()} for posting in batch]
        results = _record_batch(client, {"entries": entries})
        for posting, result in zip(batch, results, strict=True):
            if result["status"] != 201:
                raise DemoError(f"{posting.key} was not recorded: {result}")
            entry_ids[posting.key] = result["entry"]["id"]
        report(f"  {len(entry_ids)} of {len(expected)} entries recorded")
    return entry_ids


def _record_batch(client: ApiClient, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Send a batch until every item was processed; recorded items are replayed."""
    results: list[dict[str, Any]] = []
    for _ in range(ATTEMPTS):
        results = client.request("POST", "/v1/entries/batch", batch)["results"]
        if all(result["status"] != 503 for result in results):
            break
    return results


def _record_late_entries_and_reversals(
    client: ApiClient, days: list[date], entry_ids: dict[str, str]
) -> str:
    """Record the late entries and the reversals one at a time; return the newest entry's id."""
    newest = ""
    for late in late_postings(days):
        newest = client.request("POST", "/v1/entries", late.request(), late.key)["id"]
    for key in reversed_keys(days):
        path = f"/v1/entries/{entry_ids[key]}/reversal"
        body = {"reason": "Pix lançado em dobro"}
        newest = client.request("POST", path, body, f"{key}-reversal")["id"]
    return newest


def _balances(client: ApiClient, month: list[date], newest: str) -> list[dict[str, Any]]:
    path = f"/v1/daily-balances?from={month[0]}&to={month[-1]}&after={newest}"
    deadline = time.monotonic() + SECONDS_FOR_THE_READ_MODEL
    while True:
        balances = client.request("GET", path)
        if balances["freshness"]["complete"]:
            items: list[dict[str, Any]] = balances["items"]
            return items
        if time.monotonic() > deadline:
            raise DemoError(
                f"Entry {newest} is not in the read model after {SECONDS_FOR_THE_READ_MODEL:.0f} s."
            )


def _table(items: list[dict[str, Any]]) -> str:
    columns = ("day", "opening", "credits", "debits", "closing", "entries", "status")
    rows = [columns, *(tuple(str(item[column]) for column in columns) for item in items)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
