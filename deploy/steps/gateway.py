"""The gateway's own answers, as problem+json; in force from the next deployment of the API on."""

from typing import Any

from deploy.steps import Changes
from infrastructure.gateway_responses import RESPONSES, GatewayResponse, parameters, templates


def set_gateway_responses(apigateway: Any, api: str, stage: str) -> Changes:
    """Put every gateway response that differs, and deploy the API once if there was one."""
    result = apigateway.get_gateway_responses(restApiId=api, limit=500)["items"]
    standing = {one["responseType"]: one for one in result}
    differing = [
        response
        for response in RESPONSES
        if not _is(standing.get(response.response_type, {}), _wanted(response))
    ]
    for one in differing:
        apigateway.put_gateway_response(
            restApiId=api, responseType=one.response_type, **_wanted(one)
        )
    if not differing:
        return []
    apigateway.create_deployment(
        restApiId=api, stageName=stage, description="The gateway's own answers"
    )
    return [f"{len(differing)} of the gateway's own answers set"]


def _wanted(response: GatewayResponse) -> dict[str, Any]:
    return {
        "statusCode": str(response.status.value),
        "responseParameters": parameters(response),
        "responseTemplates": templates(response),
    }


def _is(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(found.get(key) == value for key, value in wanted.items())
