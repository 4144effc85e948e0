"""Whatever is asked, in the document's terms or against them, is answered as the document says.

Requests are made up by schemathesis from the document that is served, and played in this process
over the real stores; the seed is fixed, so that a failure comes again.
"""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import app
from chalicelib.api.openapi import document
from chalicelib.api.operations import Operation
from tests.web.asking import ApiClient
from tests.web.conftest import Deployed

DOCUMENT = schemathesis.openapi.from_dict(document(app.app.operations))
EXAMPLES = 40
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def asked_of(operation: Operation) -> list[GenerationMode]:
    """Return what can be made up: nothing against the document where there is nothing to say."""
    view = operation.find_view()
    judged = view.takes_body or view.query.model_fields or "{" in operation.path
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if judged else [])]


CASES = [(operation, mode) for operation in app.app.operations for mode in asked_of(operation)]


def play(case: "Case[Any]", asker: ApiClient) -> Response:
    query = case.as_transport_kwargs(base_url="https://livro.example")
    request = requests.Request(**{name: query[name] for name in query if name in _PARTS}).prepare()
    place = urlsplit(str(request.url))
    target = f"{place.path}?{place.query}" if place.query else place.path
    headers: Any = dict(request.headers)
    body: Any = request.body
    response = asker.ask(str(request.method), target, headers, body)
    heads = {name.lower(): [text] for name, text in response.headers.items()}
    return Response(
        response.status, heads, response.text.encode(), request, elapsed=0.0, verify=False
    )


_PARTS = ("method", "url", "headers", "params", "json", "data", "cookies")


@pytest.mark.parametrize(
    ("operation", "mode"), CASES, ids=[f"{one.name}-{mode.value}" for one, mode in CASES]
)
def test_every_answer_is_one_of_the_documents(
    deployed: Deployed, operation: Operation, mode: GenerationMode
) -> None:
    cases: Any = DOCUMENT[operation.path][operation.method].as_strategy(generation_mode=mode)

    @seed(20261123)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: "Case[Any]") -> None:
        case.validate_response(play(case, deployed.asker), checks=CHECKS)

    ask()
