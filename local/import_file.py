"""`make import`: import a bank file into the running laptop cloud, and print each row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.demo_client import ApiClient

_KINDS = {".ofx": "application/x-ofx", ".csv": "text/csv", ".tsv": "text/tab-separated-values"}


def import_file(
    client: ApiClient, path: Path, account: str | None, report: Callable[[str], None]
) -> dict[str, Any]:
    """Preview a file, record it unless rows need a decision, and print rows and tie-out.

    Returns the import. Raises DemoError with the problem's text for a file that is refused.
    """
    stored = upload(client, path.read_bytes(), account, path.suffix)
    if stored["rows"]["needs_decision"] == 0:
        stored = record(client, stored)
    print(rows_table(rows(client, stored)))
    counts = ", ".join(f"{count} {name}" for name, count in stored["rows"].items())
    report(f"{path.name}: {stored['status']}, {counts}")
    print_tie_outs(stored, report)
    if stored["status"] == "preview":
        report(f"Decide with PATCH /v1/imports/{stored['id']}, then PUT its recording.")
    return stored


def upload(
    client: ApiClient,
    content: bytes,
    account: str | None,
    suffix: str = ".ofx",
    key: str | None = None,
) -> dict[str, Any]:
    """Send a file, under a new key unless one is given; return the import's preview."""
    query = f"?account={account}" if account else ""
    media_type = _KINDS.get(suffix.lower(), "application/octet-stream")
    imported: dict[str, Any] = client.upload(f"/v1/imports{query}", content, media_type, key)
    return imported


def record(client: ApiClient, stored: dict[str, Any]) -> dict[str, Any]:
    """Record an import, in as many requests as it takes."""
    while stored["status"] != "recorded":
        stored = client.request("PUT", f"/v1/imports/{stored['id']}/recording", {})
    return stored


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
    """Return the rows of an import as a table: each with its outcome, and the reason for it."""
    return "\n".join(map(_line, items))


def print_tie_outs(stored: dict[str, Any], report: Callable[[str], None]) -> None:
    """Report the bank's balance beside the book's, for each statement that states one."""
    for each in stored["statements"]:
        tie_out = each["tie_out"]
        if tie_out is not None:
            parted = f", differing from {tie_out['parted_on']} on" if tie_out["parted_on"] else ""
            missing = tie_out.get("opening_missing")
            opening = f"; the book lacks the opening balance {missing}" if missing else ""
            report(
                f"Tie-out of {each['account']} on {each['closing_day']}: bank {tie_out['file']}, "
                f"book {tie_out['book']}, difference {tie_out['difference']}{parted}{opening}"
            )


def _line(row: dict[str, Any]) -> str:
    reason = f" ({row['reason']})" if row["reason"] else ""
    return (
        f"{row['row']:>6}  {row['day'] or '':10}  {row['amount'] or '':>14}  {row['outcome']:14}  "
        f"{row['description'] or ''}{reason}"
    )
