"""How the API gateway itself refuses: as problem+json (RFC 9457), like the rest of the service.

The gateway answers without the application where a token is missing, a body is too long or a limit
is reached. One table here serves the template, the emulator and a deployed API.
"""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """One of API Gateway's response types: its status, its sentence and its further headers."""

    response_type: str
    status: HTTPStatus
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


# Without these a page of another origin could not tell a 401 from a broken line (Fetch standard).
_ANY_PAGE_MAY_READ = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, WWW-Authenticate, X-Request-Id",
}
_AGAIN_SOON = {"Retry-After": RETRY_AFTER_SECONDS}
_NO_SUCH_ROUTE = "There is no such route; /openapi.json lists them all."
_UNFIT = "The gateway is not set up to answer this; the operators see it by the request id."

# API Gateway developer guide, "Gateway response types". Each type is named, because a status set
# for a DEFAULT type would hold for every type that is not.
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
    # What the gateway says of a path or method that it does not know, without and with a token.
    GatewayResponse("MISSING_AUTHENTICATION_TOKEN", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("DEFAULT_4XX", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("INVALID_SIGNATURE", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("RESOURCE_NOT_FOUND", HTTPStatus.NOT_FOUND, _NO_SUCH_ROUTE),
    GatewayResponse("BAD_REQUEST_BODY", HTTPStatus.BAD_REQUEST, "The body cannot be read."),
    GatewayResponse("BAD_REQUEST_PARAMETERS", HTTPStatus.BAD_REQUEST, "A parameter is at fault."),
    GatewayResponse(
        "REQUEST_TOO_LARGE",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The request is longer than any route takes.",
    ),
    GatewayResponse(
        "UNSUPPORTED_MEDIA_TYPE",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "The body's Content-Type is none that this route takes; send application/json.",
    ),
    GatewayResponse(
        "THROTTLED",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests at once; send this one again.",
        _AGAIN_SOON,
    ),
    GatewayResponse(
        "QUOTA_EXCEEDED",
        HTTPStatus.TOO_MANY_REQUESTS,
        "The quota of requests is used up.",
        {"Retry-After": "3600"},
    ),
    GatewayResponse(
        "AUTHORIZER_FAILURE",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The access token cannot be checked now; send the request again.",
        _AGAIN_SOON,
    ),
    GatewayResponse(
        "INTEGRATION_FAILURE",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service does not answer; send the request again with the same Idempotency-Key.",
        _AGAIN_SOON,
    ),
    GatewayResponse(
        "INTEGRATION_TIMEOUT",
        HTTPStatus.GATEWAY_TIMEOUT,
        "The service took too long; send the request again with the same Idempotency-Key.",
        _AGAIN_SOON,
    ),
    GatewayResponse("API_CONFIGURATION_ERROR", HTTPStatus.INTERNAL_SERVER_ERROR, _UNFIT),
    GatewayResponse("AUTHORIZER_CONFIGURATION_ERROR", HTTPStatus.INTERNAL_SERVER_ERROR, _UNFIT),
    GatewayResponse("DEFAULT_5XX", HTTPStatus.INTERNAL_SERVER_ERROR, _UNFIT),
)


def in_api_definition() -> dict[str, Any]:
    """Return all as the value of `x-amazon-apigateway-gateway-responses`.

    Inside the API's definition they are part of the deployment that brings its routes, whereas
    resources beside it would hold only from the next deployment on.
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
    """Return all as CloudFormation resources of the API with that logical name.

    For the emulator, which reads none in the API's definition; hence the condition's name.
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
    """Return the headers in API Gateway's words: constants in quotes, or the request's context."""
    constants = {"Content-Type": MEDIA_TYPE, **_ANY_PAGE_MAY_READ, **response.headers}
    return {
        "gatewayresponse.header.X-Request-Id": "context.requestId",
        **{f"gatewayresponse.header.{name}": f"'{text}'" for name, text in constants.items()},
    }


def templates(response: GatewayResponse) -> dict[str, str]:
    """Return the problem's template; the gateway falls back on this media type for every caller."""
    problem = {
        "type": "about:blank",
        "title": response.status.phrase,
        "status": response.status.value,
        "detail": response.detail,
        "instance": "urn:request:$context.requestId",
        "request_id": "$context.requestId",
    }
    return {"application/json": json.dumps(problem)}
