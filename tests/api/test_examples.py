"""Each operation of the OpenAPI document has an example that the service accepts."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from chalicelib.api.openapi.document import Operation
from tests.api.conftest import Api
from tests.api.operations import DOCUMENT, EACH_OPERATION, OPERATIONS, described

# The made-up ids of the examples name nothing; a day without closings is not found, either.
ACCEPTED = {200, 201, 202, 204, 404, 409}


@EACH_OPERATION
def test_everything_required_has_a_valid_example(operation: Operation) -> None:
    for parameter in described(operation)["parameters"]:
        if parameter.get("required"):
            validate(parameter["example"], parameter["schema"])
    for media_type, content in (
        described(operation).get("requestBody", {"content": {}})["content"].items()
    ):
        if media_type == "application/json":
            validate(content["example"], content["schema"])


@EACH_OPERATION
def test_no_example_is_rejected(api: Api, operation: Operation) -> None:
    path, headers, query = operation.path, {}, []
    for parameter in described(operation)["parameters"]:
        if "example" in parameter:
            example = str(parameter["example"])
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", example)
            elif parameter["in"] == "header":
                # Keys are shared by all operations, and each example is another body.
                headers[parameter["name"]] = f"{operation.endpoint.name}-{example}"
            else:
                query.append(f"{parameter['name']}={example}")
    body = b""
    for media_type, content in (
        described(operation).get("requestBody", {"content": {}})["content"].items()
    ):
        if "example" in content:
            headers["Content-Type"] = media_type
            example = content["example"]
            body = (example if isinstance(example, str) else json.dumps(example)).encode()
    target = f"{path}?{'&'.join(query)}" if query else path
    response = api.accountant.request(operation.method, target, headers, body)
    assert response.status in ACCEPTED, response.text


@pytest.mark.parametrize(
    ("method", "path", "example"),
    [
        (operation.method, operation.path, content["application/json"]["example"])
        for operation in OPERATIONS
        if "application/json"
        in (content := described(operation).get("requestBody", {}).get("content", {}))
    ],
)
def test_value_of_another_type_is_no_server_error(
    local_api: Api, method: str, path: str, example: Any
) -> None:
    target = re.sub("{(entry|import)_id}", "a" * 32, path)
    target = target.replace("{name}", "any").replace("{slug}", "any")
    values: list[Any] = [None, True, -1, 1.5, "\ud800", [], {}, [[]], {"x": {}}, 10**40]
    for value in values:
        for changed in with_each_value_as(example, value):
            body = json.dumps(changed).encode()
            headers = {"Content-Type": "application/json", "Idempotency-Key": "any-key"}
            response = local_api.accountant.request(method, target, headers, body)
            assert response.status < 500, (changed, response.text)


def with_each_value_as(example: Any, other: Any) -> Iterator[Any]:
    """Give the example with one of its values after another replaced, at any depth."""
    yield other
    places = example.items() if isinstance(example, dict) else enumerate(example)
    for place, value in places:
        inner = with_each_value_as(value, other) if isinstance(value, dict | list) else [other]
        for changed in inner:
            copied = example.copy()
            copied[place] = changed
            yield copied


def validate(example: Any, schema: dict[str, Any]) -> None:
    """Check an example against its schema, whose references are into the document."""
    jsonschema.validate(example, {**schema, "components": DOCUMENT["components"]})
