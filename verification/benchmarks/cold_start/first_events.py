"""The first event of each function: a request, a batch, or a task of a consolidation run."""

from datetime import UTC, datetime, timedelta
from typing import Any

from verification.benchmarks.events import api_event, get_balance, post_entry
from verification.kit.generators import entry, inserted

MERCHANT = "padaria"
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
TICK = {
    **{"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events"},
    **{"account": "0", "time": "", "region": "us-east-1", "resources": [], "detail": {}},
}
RUN = {"day": YESTERDAY, "merchant_id": None, "execution": f"{YESTERDAY}-0"}


def first_events() -> dict[str, dict[str, Any]]:
    """Return functions and their events, by their names in the table."""
    sold = inserted(entry(MERCHANT, "cold", datetime.now(UTC)))
    return {
        "api: GET /health": _call("app", api_event("GET", "/health")),
        "api: POST /v1/entries": _call("app", post_entry(key="cold")),
        "api: GET /v1/daily-balances/{day}": _call("app", get_balance(YESTERDAY)),
        "projector: one entry": _call("projector", {"Records": [sold]}),
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
