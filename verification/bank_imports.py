"""Import a folder of bank files through the API, and compare the imports with `expected.json`.

Each file is previewed, tied out with and without its opening balance, recorded, and sent again.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from verification.kit.api_client import ApiClient, Response, fresh_key

Expected = Mapping[str, Any]
_OUTCOMES = ("created", "duplicate", "needs_decision", "refused", "information")
_MAPPING = "bank-sample"


class BankImports:
    """Imports files into new accounts of a merchant's book, one after the other."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._accounts: dict[str | None, str] = {}

    def differences(self, path: Path, expected: Expected) -> Iterator[str]:
        """Import a file; yield what differs from its description."""
        response = self._upload(path, expected)
        if "refusal" in expected:
            yield from _unequal("status", response.status, 422)
            return
        if response.status != 201:
            yield f"not imported: {response.text}"
            return
        stored = response.json
        yield from self._preview_differences(stored, expected)
        yield from _opening_differences(stored)
        self._record_openings(stored)
        stored = self._upload(path, expected).json
        yield from _tie_out_differences(stored)
        recorded = self._put(f"/v1/imports/{stored['id']}/recording")
        yield from _unequal("recorded", recorded["rows"], stored["rows"])
        self._wait(stored)
        again = self._upload(path, expected).json["rows"]
        duplicates = stored["rows"]["created"] + stored["rows"]["duplicate"]
        yield from _unequal("sent again", (again["created"], again["duplicate"]), (0, duplicates))

    def _upload(self, path: Path, expected: Expected) -> Response:
        query = ""
        if expected.get("mapping"):
            self._put(f"/v1/import-mappings/{_MAPPING}", expected["mapping"])
            query = f"?mapping={_MAPPING}"
        statements = expected.get("statements", ())
        if len(statements) == 1:
            account = self._account(statements[0]["account"] or path.name)
            query += f"{'&' if query else '?'}account={account}"
        else:
            numbers = {each["account"]: self._account(each["account"]) for each in statements}
            self._put("/v1/import-accounts", {"accounts": numbers})
        headers = {"content_type": "application/octet-stream", "idempotency_key": fresh_key()}
        return self._client.request("POST", f"/v1/imports{query}", headers, path.read_bytes())

    def _account(self, number: str | None) -> str:
        return self._accounts.setdefault(number, f"sample-{secrets.token_hex(6)}")

    def _put(self, path: str, body: Any = None) -> Any:
        content = json.dumps(body or {}).encode()
        response = self._client.request("PUT", path, {"content_type": "application/json"}, content)
        assert response.status == 200, response.text
        return response.json

    def _preview_differences(self, stored: Mapping[str, Any], expected: Expected) -> Iterator[str]:
        counts = {name: stored["rows"][name] for name in _OUTCOMES if stored["rows"][name]}
        yield from _unequal("counts", counts, expected["counts"])
        rows = self._rows(stored)
        yield from _unequal("rows", len(rows), stored["rows"]["read"])
        shown = [_plain(row) for row in rows if row["outcome"] != "information"]
        entries = [entry for each in expected["statements"] for entry in each["entries"]]
        yield from _unequal("entries", _sorted(shown), _sorted(map(_expected_entry, entries)))
        for given, wanted in zip(stored["statements"], expected["statements"], strict=True):
            yield from _unequal("number", given["number"], wanted["account"])
            balances = (given["opening"], given["closing"], given["currency"])
            wanted_balances = (wanted["opening"], wanted["closing"], wanted["currency"])
            yield from _unequal("balances", balances, wanted_balances)

    def _rows(self, stored: Mapping[str, Any]) -> list[dict[str, Any]]:
        response = self._client.get(f"/v1/imports/{stored['id']}/rows?limit=200")
        items: list[dict[str, Any]] = response.json["items"]
        return items

    def _record_openings(self, stored: Mapping[str, Any]) -> None:
        """Record each opening balance that the book lacks, on the day before the file's first."""
        newest = None
        for each in stored["statements"]:
            opening = (each["tie_out"] or {}).get("opening_missing", "0.00")
            # A card's earlier file may have rows on the same days, and the book lacks nothing.
            if opening.strip("-0.") and each["from"] and _differs(each):
                before = date.fromisoformat(each["from"]) - timedelta(days=1)
                newest = self._client.record(
                    type="debit" if opening.startswith("-") else "credit",
                    amount=opening.removeprefix("-"),
                    account=each["account"],
                    occurred_at=f"{before.isoformat()}T12:00:00-03:00",
                )
        if newest is not None:
            self._client.wait_for(newest)

    def _wait(self, stored: Mapping[str, Any]) -> None:
        """Wait until the read model has the import's entries."""
        entries = [row["entry"] for row in self._rows(stored) if row["outcome"] == "created"]
        if entries:
            self._client.wait_for(self._client.get(f"/v1/entries/{entries[-1]}").json)


def _opening_differences(stored: Mapping[str, Any]) -> Iterator[str]:
    """Without an opening in the book, the difference is exactly that."""
    for each in stored["statements"]:
        tie_out = each["tie_out"]
        if "opening_missing" in (tie_out or {}) and _differs(each):
            opening = tie_out["opening_missing"]
            yield from _unequal("opening missing", opening, each["opening"])
            yield from _unequal("difference", tie_out["difference"], opening)


def _tie_out_differences(stored: Mapping[str, Any]) -> Iterator[str]:
    for each in stored["statements"]:
        if each["tie_out"] is not None:
            parted = (each["tie_out"]["difference"], each["tie_out"]["parted_on"])
            yield from _unequal("tie-out", parted, ("0.00", None))


def _differs(statement: Mapping[str, Any]) -> bool:
    difference: str = statement["tie_out"]["difference"]
    return bool(difference.strip("-0."))


def _plain(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["day"], row["amount"], row["bank_id"], row["description"], row["outcome"]


def _expected_entry(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    outcome = entry.get("outcome", "created")
    return entry["day"], entry["amount"], entry["id"], entry["description"], outcome


def _sorted(rows: Iterator[Any] | Sequence[Any]) -> list[Any]:
    return sorted(rows, key=repr)


def _unequal(what: str, actual: object, expected: object) -> Iterator[str]:
    if actual != expected:
        yield f"{what}: {actual}\n        expected: {expected}"
