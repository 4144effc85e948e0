"""The gateway's error responses, rendered as the gateway does."""

import json

import pytest

from infrastructure.gateway_responses import RESPONSES, GatewayResponse, parameters, templates

# API Gateway developer guide, "Gateway response types", without REQUEST_TOO_LARGE: "Customizing the
# default gateway response for 413 REQUEST_TOO_LARGE isn't currently supported".
RESPONSE_TYPES = [
    "ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX",
    "DEFAULT_5XX", "EXPIRED_TOKEN", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED",
    "RESOURCE_NOT_FOUND", "THROTTLED", "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
]  # fmt: skip


def test_every_response_type_is_listed_once() -> None:
    assert sorted(response.response_type for response in RESPONSES) == RESPONSE_TYPES


@pytest.mark.parametrize("response", RESPONSES, ids=lambda response: response.response_type)
def test_response_is_a_problem(response: GatewayResponse) -> None:
    rendered = templates(response)["application/json"].replace("$context.requestId", "r-1")
    problem = json.loads(rendered)
    assert set(problem) == {"type", "title", "status", "detail", "instance", "request_id"}
    assert (problem["status"], problem["request_id"]) == (response.status, "r-1")
    headers = parameters(response)
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
    assert headers["gatewayresponse.header.X-Request-Id"] == "context.requestId"
    assert ("WWW-Authenticate" in response.headers) == (response.status == 401)
    if response.status in {429, 503}:
        assert int(response.headers["Retry-After"]) > 0


# API Gateway gives the first for a function that Lambda throttles, the second for one that crashes.
@pytest.mark.parametrize("name", ["API_CONFIGURATION_ERROR", "DEFAULT_5XX", "INTEGRATION_FAILURE"])
def test_outage_says_to_retry(name: str) -> None:
    (response,) = [each for each in RESPONSES if each.response_type == name]
    assert (response.status, response.headers) == (503, {"Retry-After": "1"})
    assert "retry with the same Idempotency-Key" in response.detail
