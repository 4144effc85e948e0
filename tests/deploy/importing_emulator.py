"""The AWS emulator with what `chalice deploy` asks of API Gateway and it lacks.

Run by the emulator's own Python. It takes an API's definition only inside a CloudFormation stack;
here it takes one by ImportRestApi and PutRestApi too, and a compression size that is unset.
"""

import json
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
from ministack.services import apigateway_v1 as gateway  # type: ignore[import-not-found]

handle_otherwise = gateway.handle_request


async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    """Answer an API Gateway request, definitions included."""
    parts = [part for part in path.split("/") if part]
    asked = json.loads(body) if body else {}
    if parts[:1] == ["restapis"] and "swagger" in asked:
        api = gateway._import_rest_api(asked) if method == "POST" else _overwritten(parts[1], asked)
        return gateway._v1_response(gateway._rest_api_view(gateway._rest_apis[api]), 201)
    for patch in asked.get("patchOperations", []) if len(parts) == 2 else []:
        if patch.get("path") == "/minimumCompressionSize":
            patch["value"] = int(patch["value"]) if patch.get("value") else None
            body = json.dumps(asked).encode()
    return await handle_otherwise(method, path, headers, body, query)


def _overwritten(api: str, definition: dict[str, Any]) -> str:
    # As in AWS, nothing of the old definition stays, its gateway responses included.
    root = next(
        resource for resource in gateway._resources[api].values() if resource["path"] == "/"
    )
    root["resourceMethods"] = {}
    gateway._resources[api] = {root["id"]: root}
    gateway._authorizers_v1[api] = {}
    gateway._gateway_responses[api] = {}
    schemes = gateway._import_security_schemes(api, definition)
    for path, item in definition["paths"].items():
        gateway._import_path_item(api, path, item, schemes, definition.get("security"))
    return api


if __name__ == "__main__":
    gateway.handle_request = handle
    main()
