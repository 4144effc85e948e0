"""The canary is told where the API is, which is known once the API is there."""

from collections.abc import Mapping
from typing import Any

from deploy.steps import Changes
from infrastructure.canary import introduce


def store_canary_endpoint(dynamodb: Any, outputs: Mapping[str, str], base_url: str) -> Changes:
    """Write the canary's addresses beside its merchant; `outputs` are the foundation's."""
    addresses = {"base_url": base_url, "token_url": f"{outputs['SignInUrl']}/oauth2/token"}
    client_id = outputs["CanaryClientId"]
    if introduce(dynamodb, outputs["ClientsTable"], client_id, addresses):
        return [f"canary: calls {base_url}"]
    return []
