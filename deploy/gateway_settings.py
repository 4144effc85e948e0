"""Settings of the deployed API that Chalice does not have: throttles, access log, error responses.

Each function reads the current settings, changes those that differ, and returns a line per change.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infrastructure.gateway_responses import RESPONSES, GatewayResponse, parameters, templates
from infrastructure.sizes import Size, Throttle

READINESS = "/health/ready"
CLOSINGS = "/v1/closings"
IMPORTS = (
    "/v1/imports/POST",
    "/v1/imports/{import_id}/recording/PUT",
    "/v1/imports/{import_id}/undo/PUT",
)
STATEMENTS = ("/v1/statements", "/v1/statements/{month}")
LEAVES = (
    f"{CLOSINGS}/head",
    f"{CLOSINGS}/{{day}}/proof",
    f"{CLOSINGS}/{{day}}/{{version}}/leaves",
)
PAGES = ("/", "/docs", "/assets/{file}")
ALL_METHODS = "*/*"
# Without the sender's address, which is personal data (LGPD, art. 5).
ACCESS_LOG_FORMAT = json.dumps(
    {
        "request_id": "$context.requestId",
        "trace_id": "$context.xrayTraceId",
        "stage": "$context.stage",
        "route": "$context.resourcePath",
        "method": "$context.httpMethod",
        "status": "$context.status",
        "latency_ms": "$context.responseLatency",
        "application_ms": "$context.integrationLatency",
        "refused_by_gateway": "$context.error.responseType",
    }
)
# API Gateway accepts a limited number of patches per call.
_PATCHES_PER_CALL = 40

Settings = Mapping[str, Any]
Patch = dict[str, str]


def set_gateway_responses(apigateway: Any, api: str, stage: str) -> list[str]:
    """Check the API's error responses, and correct and deploy those that differ.

    Chalice's part of the deployment sets them (reproducible_chalice.py).
    """
    current = {
        response["responseType"]: response
        for response in apigateway.get_gateway_responses(restApiId=api, limit=500)["items"]
    }
    differing = []
    for response in RESPONSES:
        wanted = _response_settings(response)
        existing = current.get(response.response_type, {})
        if any(existing.get(name) != value for name, value in wanted.items()):
            differing.append(response)
            apigateway.put_gateway_response(
                restApiId=api, responseType=response.response_type, **wanted
            )
    if not differing:
        return []
    apigateway.create_deployment(
        restApiId=api,
        stageName=stage,
        description="The gateway's error responses",
        tracingEnabled=True,  # as in Chalice's own deployment
    )
    return [f"API: {len(differing)} error responses set"]


def set_stage(apigateway: Any, api: str, stage: str, size: Size, access_log_arn: str) -> list[str]:
    """Set the throttles and access log of an API's stage.

    Writes have their own throttle, so that reads cannot block them. So do closings, which use the
    consolidation's functions, heads, leaves, proofs and statements, which take longer than other
    reads, and the pages, which anybody can load.
    """
    current = apigateway.get_stage(restApiId=api, stageName=stage)
    throttles = {ALL_METHODS: size.reads} | dict(_method_throttles(apigateway, api, size))
    patches = [
        *_access_log_patches(current.get("accessLogSettings", {}), access_log_arn),
        *_method_patches(current.get("methodSettings", {}), throttles),
    ]
    for start in range(0, len(patches), _PATCHES_PER_CALL):
        apigateway.update_stage(
            restApiId=api,
            stageName=stage,
            patchOperations=patches[start : start + _PATCHES_PER_CALL],
        )
    return [f"API stage: {patch['path']} {patch.get('value', 'removed')}" for patch in patches]


def _response_settings(response: GatewayResponse) -> dict[str, Any]:
    return {
        "statusCode": str(response.status.value),
        "responseParameters": parameters(response),
        "responseTemplates": templates(response),
    }


def _method_throttles(apigateway: Any, api: str, size: Size) -> Iterator[tuple[str, Throttle]]:
    pages = apigateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    for page in pages:
        for resource in page["items"]:
            path = resource["path"]
            for method, settings in resource.get("resourceMethods", {}).items():
                if settings.get("authorizationType") != "NONE":
                    throttle = _throttle(path, method, size)
                else:
                    throttle = _throttle_without_token(path, settings, size)
                if throttle is not None:
                    yield f"{path}/{method}", throttle


def _throttle_without_token(path: str, settings: Settings, size: Size) -> Throttle | None:
    """Return the throttle of a method without authorizer, None for one without a function."""
    if settings.get("methodIntegration", {}).get("type") == "MOCK":
        return None
    if path in PAGES:
        return size.pages
    return size.readiness if path == READINESS else size.public


def _throttle(path: str, method: str, size: Size) -> Throttle | None:
    """Return the throttle of a method with an authorizer, None for that of all reads."""
    if f"{path}/{method}" in IMPORTS:
        return size.imports
    if method == "POST":
        return size.closings if path == CLOSINGS else size.writes
    if path in LEAVES:
        return size.leaves
    if path in STATEMENTS:
        return size.statement_heads if method == "HEAD" else size.statements
    return None


def _method_patches(
    current: Mapping[str, Settings], throttles: Mapping[str, Throttle]
) -> Iterator[Patch]:
    current = {_plain(path): settings for path, settings in current.items()}
    for path, throttle in sorted(throttles.items()):
        settings = current.get(_plain(path), {})
        values: dict[str, Any] = {
            "throttling/rateLimit": (settings.get("throttlingRateLimit"), throttle.rate),
            "throttling/burstLimit": (settings.get("throttlingBurstLimit"), throttle.burst),
        }
        if path == ALL_METHODS:  # metrics per method cost extra, and nothing uses them
            values["metrics/enabled"] = (settings.get("metricsEnabled", False), False)
        for name, (existing, wanted) in values.items():
            if existing != wanted:
                text = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
                yield _replace(f"/{_pointer(path)}/{name}", text)
    for path in sorted(set(current) - {_plain(path) for path in throttles}):
        yield {"op": "remove", "path": f"/{_pointer(path)}"}


def _access_log_patches(current: Settings, log_arn: str) -> Iterator[Patch]:
    destination = log_arn.removesuffix(":*")
    for name, value in (("destinationArn", destination), ("format", ACCESS_LOG_FORMAT)):
        if current.get(name) != value:
            yield _replace(f"/accessLogSettings/{name}", value)


def _replace(path: str, value: str) -> Patch:
    return {"op": "replace", "path": path, "value": value}


def _plain(path: str) -> str:
    """Return a method's path without escapes or the first slash, which API Gateway may add."""
    return path.replace("~1", "/").lstrip("/")


def _pointer(path: str) -> str:
    """Return a method's path as JSON pointer (RFC 6901): the resource is escaped to one part."""
    if path == ALL_METHODS:
        return path
    resource, _, method = path.rpartition("/")
    return f"/{resource.strip('/')}".replace("/", "~1") + f"/{method}"
