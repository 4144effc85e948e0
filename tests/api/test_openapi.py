"""The OpenAPI document describes the routes that are served: no more, no less."""

import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.api import service
from chalicelib.api.openapi.document import Operation
from chalicelib.api.openapi.responses import error_statuses
from chalicelib.api.problems import PROBLEM_TYPES, PreconditionFailedError
from chalicelib.runtime.wiring import reset
from tests.api.conftest import Api
from tests.api.operations import DOCUMENT, EACH_OPERATION, OPERATIONS, described
from verification.kit.api_client import ApiClient, in_process

ROUTES = [(operation.path, operation.method) for operation in OPERATIONS]


def errors_of(operation: Operation) -> set[str]:
    statuses = error_statuses(operation.endpoint, operation.path, operation.method, ROUTES)
    return {str(status.value) for status in statuses}


def test_document_is_valid_and_public(api: Api) -> None:
    response = api.anonymous.get("/openapi.json")
    OpenAPIV31SpecValidator(response.json).validate()
    assert response.json == json.loads(json.dumps(DOCUMENT))
    assert response.json["openapi"] == "3.1.0"
    again = api.operator.get("/openapi.json", if_none_match=response.headers["etag"])
    assert (again.status, again.text) == (304, "")


def test_packaged_document_is_served_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "openapi.json"
    written.write_text('{"openapi": "3.1.0", "info": {"title": "Livro Caixa (lançamentos)"}}')
    monkeypatch.setattr(service, "DOCUMENT", written)
    reset()
    client = ApiClient(in_process(app.app), None)
    first = client.get("/openapi.json")
    written.unlink()  # it is read once a process
    assert client.get("/openapi.json").headers["etag"] == first.headers["etag"]
    assert first.json["info"] == {"title": "Livro Caixa (lançamentos)"}
    reset()


@EACH_OPERATION
def test_operation_documents_what_its_endpoint_takes(operation: Operation) -> None:
    document, endpoint = described(operation), operation.endpoint
    assert document["security"] == ([{"user-pool": [endpoint.scope]}] if endpoint.scope else [])
    assert ("requestBody" in document) == (endpoint.body is not None)
    named = {(parameter["in"], parameter["name"]) for parameter in document["parameters"]}
    model = endpoint.query.model_fields if endpoint.query else {}
    assert named == {
        *(("path", name) for name in re.findall(r"{(\w+)}", operation.path)),
        *(("query", field.alias or name) for name, field in model.items()),
        *([("header", "Idempotency-Key")] if endpoint.idempotent else []),
        *([("header", "If-None-Match")] if endpoint.etag else []),
        *([("header", "If-Match")] if PreconditionFailedError in endpoint.raises else []),
    }
    assert ("304" in document["responses"]) == endpoint.etag


@EACH_OPERATION
def test_responses_document_headers_and_problems(operation: Operation) -> None:
    responses, errors = described(operation)["responses"], errors_of(operation)
    assert errors <= set(responses)
    assert all("X-Request-Id" in response["headers"] for response in responses.values())
    for status in errors:
        assert list(responses[status]["content"]) == ["application/problem+json"]
    assert ("401" in responses) == ("403" in responses) == (operation.endpoint.scope is not None)


def test_every_error_status_is_documented() -> None:
    documented = {status for operation in OPERATIONS for status in errors_of(operation)}
    assert {str(kind.status.value) for kind in PROBLEM_TYPES.values()} <= documented
    # The path of an entry also matches /v1/entries/batch, which has other methods.
    names = [operation.endpoint.name for operation in OPERATIONS if "405" in errors_of(operation)]
    assert names == ["get_entry"]


@pytest.mark.parametrize(
    ("schema", "reasons", "statuses"),
    [
        (
            "FileProblem",
            "ambiguous-columns document-type empty no-rows other-columns other-service too-large "
            "too-many-days unknown-columns unknown-currency unknown-format unknown-preset "
            "wrong-kind",
            "",
        ),
        (
            "ConflictProblem",
            "entries-since-preview expired lost-claims rows-not-stored undecided-rows",
            "preview recorded recording undoing undone",
        ),
    ],
)
def test_each_reason_of_a_problem_is_described(schema: str, reasons: str, statuses: str) -> None:
    reason = DOCUMENT["components"]["schemas"][schema]["properties"]["reason"]
    assert sorted(reason["enum"]) == sorted(f"{reasons} {statuses}".split())
    assert re.findall("`([a-z-]+)`: ", reason["description"]) == reasons.split()
