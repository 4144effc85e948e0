"""The first event of each function: a request, a batch, or a task of a consolidation run."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.ledger.entries import EntryDraft, entry_id
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item

MERCHANT = "padaria"
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
TICK = {
    **{"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events"},
    **{"account": "0", "time": "", "region": "us-east-1", "resources": [], "detail": {}},
}
RUN = {"day": YESTERDAY, "merchant_id": None, "execution": f"{YESTERDAY}-0"}


def first_events() -> dict[str, dict[str, Any]]:
    """Return functions and their events, by their names in the table."""
    entry = {"type": "credit", "amount": "150.75", "description": "Venda", "category": "sales"}
    return {
        "api: GET /health": _call("app", _request("GET", "/health")),
        "api: POST /v1/entries": _call("app", _request("POST", "/v1/entries", entry)),
        "api: GET /v1/daily-balances/{day}": _call("app", _balance()),
        "projector: one entry": _call("projector", {"Records": [_record()]}),
        "pre_token: a person": _call("pre_token", _sign_in("TokenGeneration_Authentication")),
        "pre_token: a machine": _call("pre_token", _sign_in("TokenGeneration_ClientCredentials")),
        "migrate: nothing new": _call("migrate", {}),
        "rebuild: one merchant": _call("rebuild", {"merchant_id": MERCHANT}),
        "await_projection": _call("await_projection", RUN),
        "plan_consolidation": _call("plan_consolidation", RUN),
        "consolidate_range: no merchants": _call("consolidate_range", _range()),
        "summarize_consolidation": _call("summarize_consolidation", _outcomes()),
        "nightly": _call("nightly", TICK),
        "canary": _call("canary", TICK),
    }


def _call(function: str, event: dict[str, Any]) -> dict[str, Any]:
    return {"function": function, "event": event}


def _request(method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    scope = "livro-caixa/read livro-caixa/write"
    claims = {"sub": "joana", "token_use": "access", "scope": scope, "merchant_id": MERCHANT}
    headers = {"Content-Type": ["application/json"], "Idempotency-Key": ["cold"]}
    about = {"httpMethod": method, "resourcePath": path, "path": path, "requestId": "cold"}
    return {
        "path": path,
        "requestContext": {**about, "authorizer": {"claims": claims}},
        "multiValueHeaders": headers,
        "headers": {name: values[0] for name, values in headers.items()},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": json.dumps(body) if body else None,
        "isBase64Encoded": False,
        **more,
    }


def _balance() -> dict[str, Any]:
    path = "/v1/daily-balances/{day}"
    return _request("GET", path, pathParameters={"day": YESTERDAY})


def _record() -> dict[str, Any]:
    receipt = RecordingContext(
        MERCHANT, "joana", datetime.now(UTC), ZoneInfo("America/Sao_Paulo"), "salt"
    )
    key = entry_id(MERCHANT, "cold")
    draft = EntryDraft(type="credit", amount_minor=100)
    item = entry_item(StoredEntry(make_entry(draft, receipt, key), Fingerprint("a", "b")))
    images = {"Keys": {"entry_id": {"S": key}}, "NewImage": item}
    return {"eventID": "1", "eventName": "INSERT", "dynamodb": images}


def _sign_in(trigger: str) -> dict[str, Any]:
    about = {"userAttributes": {"custom:merchant_id": MERCHANT}}
    groups = {"groupConfiguration": {"groupsToOverride": ["operator"]}}
    return {
        "triggerSource": trigger,
        "callerContext": {"clientId": "c"},
        "request": {**about, **groups, "scopes": []},
    }


def _range() -> dict[str, Any]:
    counts = {"merchants": 0, "closed": 0, "repaired": 0, "failed": 0}
    part = {"range": {"first": "zz", "before": None}, "progress": {"next_after": None, **counts}}
    return {**RUN, **part}


def _outcomes() -> dict[str, Any]:
    outcome = {"range": {}, "merchants": 0, "closed": 0, "repaired": 0, "failed": 0, "error": None}
    return {**RUN, "started_by": "schedule", "outcomes": [outcome]}
