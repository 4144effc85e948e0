"""The laptop's emulator with two features of API Gateway that only `chalice deploy` needs.

The emulator's own Python runs this. It adds ImportRestApi and PutRestApi (otherwise an API's
definition is accepted only in a CloudFormation stack) with the definition's gateway responses, and
a compression size that is unset.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
from ministack.services import apigateway_v1 as gateway  # type: ignore[import-not-found]

# Behind the libraries, some of which have the names of the folder's modules.
sys.path.append(str(Path(__file__).parents[2] / "local"))
from strict_emulator import make_strict  # type: ignore[import-not-found]

RESPONSES = "x-amazon-apigateway-gateway-responses"
handle_others = gateway.handle_request


async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    """Handle a request to API Gateway, definitions included."""
    parts = [part for part in path.split("/") if part]
    request = json.loads(body) if body else {}
    if parts[:1] == ["restapis"] and "swagger" in request:
        api = (
            gateway._import_rest_api(request)
            if method == "POST"
            else _overwritten(parts[1], request)
        )
        for kind, response in request.get(RESPONSES, {}).items():
            place, text = f"/restapis/{api}/gatewayresponses/{kind}", json.dumps(response).encode()
            await handle_others("PUT", place, headers, text, query)
        return gateway._v1_response(gateway._rest_api_view(gateway._rest_apis[api]), 201)
    for patch in request.get("patchOperations", []) if len(parts) == 2 else []:
        if patch.get("path") == "/minimumCompressionSize":
            patch["value"] = int(patch["value"]) if patch.get("value") else None
            body = json.dumps(request).encode()
    return await handle_others(method, path, headers, body, query)


def _overwritten(api: str, definition: dict[str, Any]) -> str:
    # As in AWS, the whole old definition is replaced, its gateway responses included.
    root = next(
        resource for resource in gateway._resources[api].values() if resource["path"] == "/"
    )
    root["resourceMethods"] = {}
    gateway._resources[api] = {root["id"]: root}
    gateway._authorizers_v1[api] = {}
    gateway._gateway_responses[api] = {}
    types = definition.get("x-amazon-apigateway-binary-media-types", [])
    gateway._rest_apis[api]["binaryMediaTypes"] = types
    schemes = gateway._import_security_schemes(api, definition)
    for path, item in definition["paths"].items():
        gateway._import_path_item(api, path, item, schemes, definition.get("security"))
    return api


if __name__ == "__main__":
    make_strict()
    gateway.handle_request = handle
    main()
