"""What a running laptop cloud tells its users, in `.local/endpoints.json`. No secrets in it."""

import json
from typing import Any

from local.paths import Places
from local.running import is_running

Endpoints = dict[str, Any]


class NotRunningError(Exception):
    """No laptop cloud runs in this folder."""


def write_endpoints(places: Places, endpoints: Endpoints) -> None:
    """Publish the endpoints in one step: readers see all of them or none."""
    draft = places.endpoints.with_suffix(".draft")
    draft.write_text(json.dumps(endpoints, indent=2) + "\n")
    draft.replace(places.endpoints)


def read_endpoints(places: Places) -> Endpoints:
    """Answer the endpoints; raise NotRunningError if there are none."""
    if not is_running(places) or not places.endpoints.exists():
        raise NotRunningError("No laptop cloud runs here; `make run` starts one.")
    endpoints: Endpoints = json.loads(places.endpoints.read_text())
    return endpoints
