"""A service in memory that responds as the real one does, apart from a mistake."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local.paths import Paths
from verification.fault_injection.client import RetryingClient
from verification.fault_injection.expected_entry import AcceptedEntry, entry_response, minor_units
from verification.kit.api_client import Response
from verification.kit.reference_model import business_day
from verification.local_cluster import LocalCluster

CLUSTER = LocalCluster(Paths(Path("none")), Path("none"))
Json = dict[str, Any]
Mistake = Callable[[Json], Json]
BODY: Json = {
    "type": "credit", "amount": "10.00", "account": "main", "currency": "BRL",
    "occurred_at": "2026-11-23T10:00:00-03:00", "category": "sales", "description": None,
}  # fmt: skip


def accepted(entry_id: str, body: Json = BODY, **changes: Any) -> AcceptedEntry:
    """Return an accepted entry whose response agrees with the request, apart from `changes`."""
    response = {"id": entry_id, **body, "day": "2026-11-23", "reverses": None,
                "reversed_by": None, **changes}  # fmt: skip
    return AcceptedEntry("padaria", f"key-{entry_id}", entry_response(body), response)


def no_mistake(entry: Json) -> Json:
    return entry


class Service(RetryingClient):
    """Records entries with a mistake, and returns what it holds; tests change both lists."""

    def __init__(self, mistake: Mistake = no_mistake, held: list[Json] | None = None) -> None:
        super().__init__(CLUSTER, "operator", "padaria")
        self.mistake = mistake
        self.recorded: dict[str, Json] = {}
        self.listed, self.totalled = copy.deepcopy(held or []), copy.deepcopy(held or [])
        self.opening_minor = 0
        self.seconds = 0.0

    def post(self, path: str, body: Any, key: str | None = None) -> Response:
        """Record a batch, a reversal or an entry."""
        if path.endswith("/batch"):
            items = body["entries"]
            entries = [self._record(dict(item), item["idempotency_key"]) for item in items]
            results = [{"status": 201, "entry": entry} for entry in entries]
            return Response(200, {}, json.dumps({"results": results}).encode())
        headers = {"idempotent-replayed": "true"} if f"id-{key}" in self.recorded else {}
        if path.endswith("/reversal"):
            original = self.recorded[path.split("/")[3]]
            opposite = {"credit": "debit", "debit": "credit"}[original["type"]]
            body = original | {
                "type": opposite,
                "occurred_at": datetime.now(UTC).isoformat(),
                "description": body["reason"],
                "reverses": original["id"],
            }
        return Response(201, headers, json.dumps(self._record(body, f"{key}")).encode())

    def get(self, path: str, seconds: float = 0.0) -> Any:
        """Return the list, the cash flow of each entry, or one balance of the last day."""
        self.seconds = seconds
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/v1/entries":
            return {"items": self.listed, "next_cursor": None}
        if "after" in query:
            return {"freshness": {"complete": True}}
        held = [
            entry
            for entry in self.totalled
            if all(entry[name] == query.get(name, entry[name]) for name in ("account", "currency"))
        ]
        sums = [
            {"credits": "0", "debits": "0", f"{entry['type']}s": entry["amount"]} for entry in held
        ]
        if url.path == "/v1/cash-flow":
            groups = [{"period": "2026-11", "group": entry[query["group"]]} for entry in held]
            return {"items": [group | sides for group, sides in zip(groups, sums, strict=True)]}
        net = self.opening_minor + sum(
            minor_units(item["credits"]) - minor_units(item["debits"]) for item in sums
        )
        return {"items": [{"day": query["to"], "closing": f"{net}", "entries": len(held)}]}

    def _record(self, body: Json, key: str) -> Json:
        day = business_day(datetime.fromisoformat(body["occurred_at"])).isoformat()
        entry: Json = {"currency": "BRL", "reverses": None} | body | {"id": f"id-{key}", "day": day}
        return self.recorded.setdefault(entry["id"], self.mistake(entry))
