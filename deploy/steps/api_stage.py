"""The API's stage: what it lets through, and the line that it writes about each request."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.steps import Changes
from infrastructure.sizes import Size, Throttle

READINESS = "/health/ready"
CLOSINGS = "/v1/closings"
EVERYTHING = "*/*"
# Of a request's sender nothing is kept: an address is personal data (LGPD, art. 5).
ACCESS_LINE = json.dumps(
    {
        "request_id": "$context.requestId",
        "trace_id": "$context.xrayTraceId",
        "route": "$context.resourcePath",
        "method": "$context.httpMethod",
        "status": "$context.status",
        "latency_ms": "$context.responseLatency",
        "application_ms": "$context.integrationLatency",
        "refused_by_gateway": "$context.error.responseType",
    }
)

Settings = Mapping[str, Any]


def set_stage(apigateway: Any, api: str, stage: str, size: Size, access_log_arn: str) -> Changes:
    """Set throttles by method, access log and metrics of an API's stage, where they differ.

    Writes have a throttle of their own, so that no number of reads keeps an entry out, and
    closings one that leaves the night its functions.
    """
    result = apigateway.get_stage(restApiId=api, stageName=stage)
    wanted = {EVERYTHING: size.reads} | {
        path: _throttle(path, size) for path in _own_throttle(apigateway, api)
    }
    patches = [
        *_access_patches(result.get("accessLogSettings", {}), access_log_arn),
        *_method_patches(result.get("methodSettings", {}), wanted),
    ]
    # API Gateway takes a limited number of patches at once.
    for first in range(0, len(patches), 40):
        apigateway.update_stage(
            restApiId=api, stageName=stage, patchOperations=patches[first : first + 40]
        )
    return [f"API stage: {patch['path']} {patch.get('value', 'removed')}" for patch in patches]


def _throttle(path: str, size: Size) -> Throttle:
    by_path = {f"{READINESS}/GET": size.readiness, f"{CLOSINGS}/POST": size.closings}
    return by_path.get(path, size.writes)


def _own_throttle(apigateway: Any, api: str) -> Iterator[str]:
    pages = apigateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    for page in pages:
        for resource in page["items"]:
            for method, settings in resource.get("resourceMethods", {}).items():
                # Without an authorizer it is there to be refused by the application (405).
                writes = method == "POST" and settings.get("authorizationType") != "NONE"
                if writes or (method == "GET" and resource["path"] == READINESS):
                    yield f"{resource['path']}/{method}"


def _method_patches(
    found: Mapping[str, Settings], wanted: Mapping[str, Throttle]
) -> Iterator[dict[str, str]]:
    standing = {_plain(path): settings for path, settings in found.items()}
    for path, throttle in sorted(wanted.items()):
        settings = standing.get(_plain(path), {})
        result: dict[str, Any] = {
            "throttling/rateLimit": (settings.get("throttlingRateLimit"), throttle.rate),
            "throttling/burstLimit": (settings.get("throttlingBurstLimit"), throttle.burst),
        }
        if path == EVERYTHING:
            result["metrics/enabled"] = (settings.get("metricsEnabled"), True)
        for name, (is_so, value) in result.items():
            if is_so != value:
                yield _replace(f"/{_pointer(path)}/{name}", _text(value))
    for path in sorted(set(standing) - {_plain(one) for one in wanted}):
        yield {"op": "remove", "path": f"/{_pointer(path)}"}


def _access_patches(found: Settings, log_arn: str) -> Iterator[dict[str, str]]:
    destination = log_arn.removesuffix(":*")
    for name, value in (("destinationArn", destination), ("format", ACCESS_LINE)):
        if found.get(name) != value:
            yield _replace(f"/accessLogSettings/{name}", value)


def _replace(path: str, value: str) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": value}


def _plain(path: str) -> str:
    """Return the path as API Gateway may tell it: with or without pointers and the first slash."""
    return path.replace("~1", "/").lstrip("/")


def _pointer(path: str) -> str:
    """Return the path of a method as one part of a JSON pointer (RFC 6901), the method apart."""
    if path == EVERYTHING:
        return path
    resource, _, method = f"/{path.lstrip('/')}".rpartition("/")
    return f"{resource.replace('/', '~1')}/{method}"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
