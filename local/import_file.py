"""`make import`: import a bank file into the running laptop cloud, and print each row."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
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
_SECONDS_FOR_THE_READ_MODEL = 60


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
        stored = record(client, stored)
    print(rows_table(rows(client, stored)), flush=True)
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


def record(client: ApiClient, stored: dict[str, Any]) -> dict[str, Any]:
    """Record an import, in as many requests as it takes; return it once its entries can be read.

    Until then its tie-out would compare the bank with a part of the book.
    """
    path = f"/v1/imports/{stored['id']}"
    while stored["status"] != "recorded":
        stored = client.request("PUT", f"{path}/recording", {})
    created = [row for row in rows(client, stored) if row["outcome"] == "created"]
    end = time.monotonic() + _SECONDS_FOR_THE_READ_MODEL
    # A page's rows are written at once, in any order, and only after those of the page before.
    for row in [row for row in created if page_of(row["row"]) == page_of(created[-1]["row"])]:
        balance = f"/v1/daily-balances/{row['day']}?after={row['entry']}"
        while not client.request("GET", balance)["freshness"]["complete"]:
            if time.monotonic() > end:
                raise DemoError(
                    f"The import {stored['id']} is recorded, and cannot be read yet; later, "
                    f"GET {path} shows it. If it never does: .venv/bin/python -m local rebuild."
                )
    recorded: dict[str, Any] = client.request("GET", path)
    return recorded


def rows(client: ApiClient, stored: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all rows of an import."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"?limit=200{f'&cursor={cursor}' if cursor else ''}"
        page = client.request("GET", f"/v1/imports/{stored['id']}/rows{query}")
        items += page["items"]
        cursor = page["next_cursor"]
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
