"""What a running laptop cloud tells its users, in `.local/endpoints.json`. No secrets in it."""

import json
from typing import Any

from local.places import Places

Endpoints = dict[str, Any]


class NotRunning(Exception):
    """No laptop cloud runs in this folder."""


def write_endpoints(places: Places, endpoints: Endpoints) -> None:
    """Publish the endpoints in one step: readers see all of them or none."""
    draft = places.endpoints.with_suffix(".draft")
    draft.write_text(json.dumps(endpoints, indent=2) + "\n")
    draft.replace(places.endpoints)


def read_endpoints(places: Places) -> Endpoints:
    """Answer the endpoints; raise NotRunning if there are none."""
    try:
        endpoints: Endpoints = json.loads(places.endpoints.read_text())
    except FileNotFoundError:
        raise NotRunning("No laptop cloud runs here; `make run` starts one.") from None
    return endpoints
