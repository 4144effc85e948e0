"""Any request, valid or not by the OpenAPI document, gets a response that the document allows.

schemathesis generates the requests from the document; the seed is fixed, so that a failure repeats.
CI tries more of them.
"""

import gzip
import os
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

import app
from chalicelib.api.openapi.document import Operation, build, operations_of
from tests.api.conftest import Api
from verification.kit.api_client import ApiClient

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
PARTS = ("method", "url", "headers", "params", "json", "data", "cookies")


CASES = [
    pytest.param(operation, mode, id=f"{operation.endpoint.name}-{mode.value}")
    for operation in operations_of(app.app.routes)
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    # Requests can be invalid only where something is checked.
    if mode is GenerationMode.POSITIVE
    or operation.endpoint.body
    or operation.endpoint.query
    or "{" in operation.path
]


@cache
def document() -> Any:
    """Return the OpenAPI document as schemathesis reads it."""
    return schemathesis.openapi.from_dict(build(app.app.routes))


def send(case: "Case[Any]", client: ApiClient) -> Response:
    arguments = case.as_transport_kwargs(base_url="https://livro.example")
    request = requests.Request(**{name: arguments.get(name) for name in PARTS}).prepare()
    target = str(request.url).removeprefix("https://livro.example")
    # The client's own token is valid; a generated one would never get further than 401.
    headers = {name: str(text) for name, text in request.headers.items() if name != "Authorization"}
    body: Any = request.body or b""
    content = body.encode() if isinstance(body, str) else body
    got = client.request(str(request.method), target, headers, content)
    values = {name: [text] for name, text in got.headers.items()}
    is_zipped = got.headers.get("content-encoding") == "gzip"
    received = gzip.decompress(got.content) if is_zipped else got.content
    return Response(got.status, values, received, request, elapsed=0.0, verify=False)


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_response_conforms_to_the_document(
    api: Api, request: pytest.FixtureRequest, operation: Operation, mode: GenerationMode
) -> None:
    is_in_process = "in-process" in request.node.name
    # On the shared merchant of a running service, no generated request may close days.
    client = api.accountant if is_in_process else api.operator
    cases: Any = document()[operation.path][operation.method].as_strategy(generation_mode=mode)

    @seed(20261123)
    @settings(
        max_examples=(20 if "CI" in os.environ else 10) if is_in_process else 4,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def check(case: "Case[Any]") -> None:
        case.validate_response(send(case, client), checks=CHECKS)

    check()
