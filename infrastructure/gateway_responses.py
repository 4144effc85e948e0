"""The error responses of API Gateway itself, as problem+json (RFC 9457) like all others.

API Gateway responds without the application where a token is missing, a body is too long or a
limit is reached. This table serves the template, the emulator and a deployed API.
"""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """One of API Gateway's response types: its status, its detail and its further headers."""

    response_type: str
    status: HTTPStatus
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


# Without these a page of another origin could not tell a 401 from a network error (Fetch).
_CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, WWW-Authenticate, X-Request-Id",
}
_RETRY_AFTER = {"Retry-After": RETRY_AFTER_SECONDS}
_NO_SUCH_ROUTE = "There is no such route; see /openapi.json for all routes."
_MISCONFIGURED = "The gateway is misconfigured; report the request id to the operators."
_NO_RESPONSE = "The service does not respond; retry with the same Idempotency-Key."

# API Gateway developer guide, "Gateway response types". All types are listed, because the status
# of a DEFAULT type applies to every type that is not. REQUEST_TOO_LARGE is not, because API Gateway
# does not support changing it: a body over 10 MB gets its own JSON.
RESPONSES = (
    GatewayResponse(
        "UNAUTHORIZED",
        HTTPStatus.UNAUTHORIZED,
        "A valid access token is needed: Authorization: Bearer <token>.",
        {"WWW-Authenticate": "Bearer"},
    ),
    GatewayResponse(
        "ACCESS_DENIED", HTTPStatus.FORBIDDEN, "The access token does not allow this route."
    ),
    GatewayResponse("WAF_FILTERED", HTTPStatus.FORBIDDEN, "The request was blocked."),
    GatewayResponse("INVALID_API_KEY", HTTPStatus.FORBIDDEN, "The API key is not valid."),
    GatewayResponse("EXPIRED_TOKEN", HTTPStatus.FORBIDDEN, "The request's signature has expired."),
    # An unknown path or method, without and with a token.
    GatewayResponse("MISSING_AUTHENTICATION_TOKEN", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("DEFAULT_4XX", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("INVALID_SIGNATURE", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("RESOURCE_NOT_FOUND", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("BAD_REQUEST_BODY", HTTPStatus.BAD_REQUEST, "The body cannot be read."),
    GatewayResponse(
        "BAD_REQUEST_PARAMETERS", HTTPStatus.BAD_REQUEST, "A parameter is missing or invalid."
    ),
    GatewayResponse(
        "UNSUPPORTED_MEDIA_TYPE",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "This route does not accept the body's Content-Type; send application/json.",
    ),
    GatewayResponse(
        "THROTTLED",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests; retry after the seconds in Retry-After.",
        _RETRY_AFTER,
    ),
    GatewayResponse(
        "QUOTA_EXCEEDED",
        HTTPStatus.TOO_MANY_REQUESTS,
        "The quota of requests is exhausted; retry after the seconds in Retry-After.",
        {"Retry-After": "3600"},
    ),
    GatewayResponse(
        "AUTHORIZER_FAILURE",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The access token cannot be verified now; retry after the seconds in Retry-After.",
        _RETRY_AFTER,
    ),
    GatewayResponse(
        "INTEGRATION_FAILURE", HTTPStatus.SERVICE_UNAVAILABLE, _NO_RESPONSE, _RETRY_AFTER
    ),
    GatewayResponse(
        "INTEGRATION_TIMEOUT",
        HTTPStatus.GATEWAY_TIMEOUT,
        "The service took too long; retry with the same Idempotency-Key.",
        _RETRY_AFTER,
    ),
    # The gateway calls it a configuration error when Lambda throttles the function (execution logs:
    # "status: 429 … configuration error: Rate Exceeded"). A crash of the function is DEFAULT_5XX.
    GatewayResponse(
        "API_CONFIGURATION_ERROR", HTTPStatus.SERVICE_UNAVAILABLE, _NO_RESPONSE, _RETRY_AFTER
    ),
    GatewayResponse("DEFAULT_5XX", HTTPStatus.SERVICE_UNAVAILABLE, _NO_RESPONSE, _RETRY_AFTER),
    GatewayResponse(
        "AUTHORIZER_CONFIGURATION_ERROR", HTTPStatus.INTERNAL_SERVER_ERROR, _MISCONFIGURED
    ),
)


def in_api_definition() -> dict[str, Any]:
    """Return all responses as the value of `x-amazon-apigateway-gateway-responses`.

    In the API's definition they are deployed together with the routes; as separate resources they
    would take effect only with the next deployment of the API.
    """
    return {
        response.response_type: {
            "statusCode": str(response.status.value),
            "responseParameters": parameters(response),
            "responseTemplates": templates(response),
        }
        for response in RESPONSES
    }


def as_resources(rest_api: str, condition: str) -> dict[str, Any]:
    """Return all responses as CloudFormation resources of the API with that logical name.

    `condition` limits them to the emulator, which ignores those in the API's definition.
    """
    return {
        f"GatewayResponse{response.response_type.title().replace('_', '')}": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Condition": condition,
            "Properties": {
                "RestApiId": {"Ref": rest_api},
                "ResponseType": response.response_type,
                "StatusCode": str(response.status.value),
                "ResponseParameters": parameters(response),
                "ResponseTemplates": templates(response),
            },
        }
        for response in RESPONSES
    }


def parameters(response: GatewayResponse) -> dict[str, str]:
    """Return the headers in API Gateway's notation: quoted constants, or the request's context."""
    constants = {"Content-Type": MEDIA_TYPE, **_CORS_HEADERS, **response.headers}
    return {
        "gatewayresponse.header.X-Request-Id": "context.requestId",
        **{f"gatewayresponse.header.{name}": f"'{text}'" for name, text in constants.items()},
    }


def templates(response: GatewayResponse) -> dict[str, str]:
    """Return the template of the problem; API Gateway uses this media type for every request."""
    problem = {
        "type": "about:blank",
        "title": response.status.phrase,
        "status": response.status.value,
        "detail": response.detail,
        "instance": "urn:request:$context.requestId",
        "request_id": "$context.requestId",
    }
    return {"application/json": json.dumps(problem)}
