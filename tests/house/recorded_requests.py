"""The requests of the recorded run: every route, every kind of problem, and every kind of token."""

from typing import Any

import app
from tests.house.golden_entries import DAY, ID, MERCHANT
from tests.house.recorded_http import Api, Context

BODY = {"type": "credit", "amount": "150.75", "description": "Venda", "metadata": {"order": "A"}}
_TRACE = {"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}
_ENTRY = "POST /v1/entries"
_REVERSAL = "POST /v1/entries/{entry_id}/reversal"


def write(api: Api) -> dict[str, Any]:
    """Record, reverse and erase entries and start a closing; return the ids that keys stand for."""
    send = api.send
    recorded = send(_ENTRY, BODY, "first", headers=_TRACE)["json"]["id"]
    send(_ENTRY, BODY, "first")
    send(_ENTRY, {**BODY, "amount": "1.00"}, "first")
    send(_ENTRY, {**BODY, "amount": 1, "unknown": 1}, "second")
    send(_ENTRY, "{", "second")
    send(_ENTRY, "x" * 300_000, "second")
    send(_ENTRY, BODY, "second", headers={"Content-Type": "text/plain"})
    several = [{"idempotency_key": "third", **BODY}, {"idempotency_key": "fourth"}]
    send("POST /v1/entries/batch", {"entries": several})
    undone = send(_REVERSAL, {"reason": "wrong"}, "undo", parameters={"entry_id": recorded})[
        "json"
    ]["id"]
    for key, target in (("undo", recorded), ("undo-again", recorded), ("undo-it", undone)):
        send(_REVERSAL, {"reason": "wrong"}, key, parameters={"entry_id": target})
    for _ in range(2):
        send("POST /v1/entries/{entry_id}/erasure", {}, "erase", parameters={"entry_id": undone})
    send("POST /v1/closings", {"day": DAY}, "close")
    started = send("POST /v1/closings", {"day": DAY}, "close")["headers"]["Location"]
    send(
        "GET /v1/consolidations/{consolidation_id}",
        parameters={"consolidation_id": started.rpartition("/")[2]},
    )
    send("GET /v1/entries/{entry_id}", merchant="another-bakery", parameters={"entry_id": recorded})
    return {"recorded id": recorded, "reversal id": undone, "consolidation": started}


def read(api: Api) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read by every route; return what is the same in every run, and the OpenAPI document."""

    def get(path: str, query: str = "", **parameters: str) -> dict[str, Any]:
        return api.send(f"GET {path}", query=query, merchant=MERCHANT, parameters=parameters)

    days = f"from={DAY}&to={DAY}"
    for path in ("/health", "/health/ready", "/v1/closings/public-keys"):
        get(path)
    get("/v1/daily-balances/{day}", f"after={ID}", day=DAY)
    get("/v1/daily-balances", days)
    get("/v1/cash-flow", f"{days}&by=week&group=category")
    get("/v1/closings/{day}", day=DAY)
    get("/v1/closings/{day}/proof", f"entry={ID}", day=DAY)
    entry = get("/v1/entries/{entry_id}", entry_id=ID)
    listed = get("/v1/entries", f"{days}&limit=1")
    leaves = get("/v1/closings/{day}/{version}/leaves", "limit=1", day=DAY, version="1")
    golden = {
        "entry": {"body": entry["json"], "etag": entry["headers"]["ETag"]},
        "cursors": [page["json"]["next_cursor"] for page in (listed, leaves)],
        "links": [page["headers"]["Link"] for page in (listed, leaves)],
    }
    return golden, get("/openapi.json")["json"]


def tokens(client_id: str, merchant: str) -> dict[str, Any]:
    """Return what the pool's trigger puts into the token of a machine and of each group."""
    machine = {
        "triggerSource": "TokenGeneration_ClientCredentials",
        "callerContext": {"clientId": client_id},
        "request": {},
    }
    events = {"machine": machine} | {
        group: {
            "triggerSource": "TokenGeneration_Authentication",
            "request": {
                "userAttributes": {"custom:merchant_id": merchant},
                "groupConfiguration": {"groupsToOverride": [group]},
                "scopes": ["livro-caixa/close"],
            },
        }
        for group in ("viewer", "operator", "accountant")
    }
    return {name: app.pre_token(event, Context())["response"] for name, event in events.items()}
