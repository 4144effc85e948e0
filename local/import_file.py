"""`make import`: import a bank file into the running laptop cloud, and print each row."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib.importing.stored_rows import page_of
from local.demo_client import ApiClient, DemoError

_KINDS = {".ofx": "application/x-ofx", ".csv": "text/csv", ".tsv": "text/tab-separated-values"}
_MAPPING = "make-import"
_ONE_ACCOUNT = "Say which account of the book it is, such as ACCOUNT=bank."
_ACCOUNTS = (
    "ACCOUNT=00012-3=bank,111/33333=savings maps each number of the file; without ACCOUNT, the "
    "error lists the numbers."
)
_COLUMNS = "docs/bank-files.md shows a file of columns for MAPPING=columns.json."
_HINTS = {
    "ambiguous-columns": "PRESET=… sends one of them.",
    "other-columns": _COLUMNS,
    "unknown-columns": f"PRESET=… sends a preset; {_COLUMNS}",
    "unknown-preset": "PRESET=… sends one of them.",
}
_PAGES_OF_A_LIST = 5
"""Twice as many entries as the last rows have; of a busy day the others are read one by one."""
_SECONDS_FOR_THE_READ_MODEL = 60
_SILENT_SECONDS = 3


class Layout(NamedTuple):
    """How the columns of a CSV file are read: by a preset's name, or by a file with a mapping."""

    preset: str | None = None
    mapping: Path | None = None


HEADER_DECIDES = Layout()


def import_file(
    client: ApiClient,
    path: Path,
    account: str | None,
    report: Callable[[str], None],
    layout: Layout = HEADER_DECIDES,
) -> dict[str, Any]:
    """Preview a file, record it unless rows need a decision, and print rows and tie-out.

    `account` is that of the book, or several as `number=account,number=account`, which are stored.
    Returns the import. Raises DemoError with the problem's text for a file that is refused.
    """
    try:
        query = _query(client, account, layout)
        stored = upload(client, path.read_bytes(), query, path.suffix)
    except DemoError as error:
        hint = _hint(error.problem)
        raise DemoError(f"{error}\n{hint}" if hint else str(error), error.problem) from error
    if stored["rows"]["needs_decision"] == 0:
        stored, items = record(client, stored, report)
    else:
        items = rows(client, stored, report)
    print(rows_table(items), flush=True)
    outcomes = {name: count for name, count in stored["rows"].items() if count and name != "read"}
    counts = ", ".join(f"{count} {name}" for name, count in outcomes.items())
    report(f"{path.name}: {stored['status']}, {stored['rows']['read']} rows: {counts}")
    print_tie_outs(stored, report)
    if stored["status"] == "preview":
        report(
            "Nothing is recorded yet, because rows need a decision. Decide and record them in the "
            f"page, {client.base_url}/#bank?import={stored['id']}, or by "
            f"PATCH /v1/imports/{stored['id']}."
        )
    return stored


def upload(
    client: ApiClient,
    content: bytes,
    query: dict[str, str],
    suffix: str = ".ofx",
    key: str | None = None,
) -> dict[str, Any]:
    """Send a file, under a new key unless one is given; return the import's preview."""
    path = f"/v1/imports?{urlencode(query)}" if query else "/v1/imports"
    media_type = _KINDS.get(suffix.lower(), "application/octet-stream")
    imported: dict[str, Any] = client.upload(path, content, media_type, key)
    return imported


def record(
    client: ApiClient, stored: dict[str, Any], report: Callable[[str], None]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Record an import, in as many requests as it takes; return it and its rows.

    It waits until its entries can be read, since a tie-out would compare the bank with a part of
    the book before. Raises DemoError where that takes too long.
    """
    path = f"/v1/imports/{stored['id']}"
    stored = client.request("PUT", f"{path}/recording", {})
    while stored["status"] != "recorded":
        report(f"Recording {stored['rows']['created']:,} rows …")
        stored = client.request("PUT", f"{path}/recording", {})
    items = rows(client, stored, report)
    created = [row for row in items if row["outcome"] == "created"]
    if created and not _are_readable(client, created):
        raise DemoError(
            f"The import {stored['id']} is recorded, and cannot be read yet; later, "
            f"GET {path} shows it. If it never does: .venv/bin/python -m local rebuild."
        )
    return client.request("GET", path), items


def rows(
    client: ApiClient, stored: dict[str, Any], report: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Return all rows of an import; report how far it is every few seconds."""
    shown = time.monotonic()
    items: list[dict[str, Any]] = []
    for page in _pages(client, f"/v1/imports/{stored['id']}/rows?limit=200"):
        items += page
        if time.monotonic() - shown > _SILENT_SECONDS:
            report(f"{len(items):,} of {stored['rows']['read']:,} rows are read …")
            shown = time.monotonic()
    return items


def rows_table(items: list[dict[str, Any]]) -> str:
    """Return the rows of an import as a table: each with its outcome, and the reason for it.

    Below a row that needs a decision are the entries that it may be.
    """
    return "\n".join(line for row in items for line in _lines(row))


def print_tie_outs(stored: dict[str, Any], report: Callable[[str], None]) -> None:
    """Report the bank's balance beside the book's, for each statement that states one."""
    for each in stored["statements"]:
        tie_out = each["tie_out"]
        if tie_out is not None:
            parted = f", differing from {tie_out['parted_on']} on" if tie_out["parted_on"] else ""
            report(
                f"Tie-out of {each['account']} on {each['closing_day']}: bank {tie_out['file']}, "
                f"book {tie_out['book']}, difference {tie_out['difference']}{parted}"
                f"{_opening(each)}"
            )


def _pages(client: ApiClient, path: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the items of each page of a list, whose path has a query."""
    cursor: str | None = ""
    while cursor is not None:
        page = client.request("GET", f"{path}&cursor={cursor}" if cursor else path)
        yield page["items"]
        cursor = page["next_cursor"]


def _are_readable(client: ApiClient, created: list[dict[str, Any]]) -> bool:
    """Wait until the last created rows can be read; return whether they can."""
    end = time.monotonic() + _SECONDS_FOR_THE_READ_MODEL
    # A page's rows are written at once, in any order, and only after those of the page before.
    last = [row for row in created if page_of(row["row"]) == page_of(created[-1]["row"])]
    if not _is_readable(client, last[-1], end):
        return False
    days = sorted(row["day"] for row in last)
    unlisted = {row["entry"]: row for row in last}
    listed = _pages(client, f"/v1/entries?from={days[0]}&to={days[-1]}&limit=200")
    for page in islice(listed, _PAGES_OF_A_LIST):
        for entry in page:
            unlisted.pop(entry["id"], None)
        if not unlisted:
            return True
    return all(_is_readable(client, row, end) for row in unlisted.values())


def _is_readable(client: ApiClient, row: dict[str, Any], end: float) -> bool:
    balance = f"/v1/daily-balances/{row['day']}?after={row['entry']}"
    while not client.request("GET", balance)["freshness"]["complete"]:
        if time.monotonic() > end:
            return False
    return True


def _hint(problem: Mapping[str, Any]) -> str | None:
    """Return what to send in place of a request that has this problem, if that is known."""
    accounts = problem.get("accounts", ())
    if accounts:
        return _ONE_ACCOUNT if len(accounts) == 1 else _ACCOUNTS
    if any(each["field"] == "account" for each in problem.get("errors", ())):
        return _ACCOUNTS
    return _HINTS.get(problem.get("file", {}).get("reason"))


def _query(client: ApiClient, account: str | None, layout: Layout) -> dict[str, str]:
    query = {}
    if account and "=" in account:
        pairs = [each.rpartition("=") for each in account.split(",")]
        added = {number: name for number, _, name in pairs}
        client.change(
            "/v1/import-accounts", lambda stored: {"accounts": {**stored["accounts"], **added}}
        )
    elif account:
        query["account"] = account
    if layout.preset:
        query["preset"] = layout.preset
    if layout.mapping:
        try:
            columns = json.loads(layout.mapping.read_text(encoding="utf-8"))
        except ValueError as error:
            message = f"{layout.mapping} is not JSON: {error}. {_COLUMNS}"
            raise DemoError(message) from error
        client.request("PUT", f"/v1/import-mappings/{_MAPPING}", columns)
        query["mapping"] = _MAPPING
    return query


def _opening(statement: dict[str, Any]) -> str:
    missing = statement["tie_out"].get("opening_missing")
    if not missing or not missing.strip("0."):
        return ""
    day = date.fromisoformat(statement["from"] or statement["closing_day"]) - timedelta(days=1)
    return f"; the book lacks the opening balance {missing}: record it as an entry of {day}"


def _lines(row: dict[str, Any]) -> list[str]:
    reason = f" ({row['reason']})" if row["reason"] else ""
    candidates = row["candidates"] if row["outcome"] == "needs_decision" else []
    return [
        f"{row['row']:>6}  {row['day'] or '':10}  {row['amount'] or '':>14}  {row['outcome']:14}  "
        f"{row['description'] or ''}{reason}",
        *(
            f"{'':8}may be {each['entry']} of {each['day']}, {each['description'] or ''}"
            for each in candidates
        ),
    ]
