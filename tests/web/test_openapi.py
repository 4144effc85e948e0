"""The document says what the routes do: no more, no less."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.api import conditional, openapi
from chalicelib.api.openapi import document
from chalicelib.api.openapi_answers import refusals
from chalicelib.api.operations import Operation
from chalicelib.api.problems import KINDS
from chalicelib.api.views import documentation
from chalicelib.ledger.errors import LivroCaixaError
from tests.web.asking import ApiClient
from tests.web.conftest import reset_process
from tests.web.test_problems import tree

DOCUMENT = document(app.app.operations)
OPERATIONS = app.app.operations


def described(operation: Operation) -> dict[str, Any]:
    result: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return result


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_the_document_is_served_to_anybody() -> None:
    result = ApiClient(merchant_id=None, scopes=()).get("/openapi.json")
    assert (result.status, result.json) == (200, json.loads(json.dumps(DOCUMENT)))
    again = ApiClient().get("/openapi.json", if_none_match=result.headers["ETag"])
    assert again.status == 304


def test_the_document_and_its_tag_are_made_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    reset_process()
    made: list[object] = []
    monkeypatch.setattr(openapi, "document", _noted(made, openapi.document))
    monkeypatch.setattr(documentation, "tag_of", _noted(made, conditional.tag_of))
    first, again = (ApiClient().get("/openapi.json") for _ in range(2))
    assert (first.json, first.headers["ETag"]) == (again.json, again.headers["ETag"])
    assert len(made) == 2


def _noted(made: list[object], make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def noted(of: Any) -> Any:
        made.append(make)
        return make(of)

    return noted


def test_document_and_routes_are_one() -> None:
    served = {
        (path, method)
        for path, methods in app.app.routes.items()
        for method, entry in methods.items()
        if entry.view_name != "other_methods"
    }
    documented = {(p, m.upper()) for p, methods in DOCUMENT["paths"].items() for m in methods}
    assert documented == served == {(operation.path, operation.method) for operation in OPERATIONS}


def test_names_are_used_once_and_are_those_of_the_contents_page() -> None:
    names = [described(operation)["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(callable(getattr(app, name)) for name in names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_an_operation_demands_in_the_document_what_it_demands(operation: Operation) -> None:
    result = described(operation)
    view = operation.find_view()
    demanded = [{"user-pool": [operation.scope]}] if operation.scope else []
    assert result["security"] == demanded
    assert ("requestBody" in result) == view.takes_body
    named = {(parameter["in"], parameter["name"]) for parameter in result["parameters"]}
    in_path = set(re.findall(r"{(\w+)}", operation.path))
    assert {name for place, name in named if place == "path"} == in_path
    assert (("header", "Idempotency-Key") in named) == view.keyed
    fields = {field.alias or name for name, field in view.query.model_fields.items()}
    assert {name for place, name in named if place == "query"} == fields


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_answer_has_its_headers_and_every_refusal_is_a_problem(operation: Operation) -> None:
    result = described(operation)["responses"]
    refused = {str(status.value) for status in refusals(operation, OPERATIONS)}
    assert refused <= set(result)
    for status, answer in result.items():
        assert "X-Request-Id" in answer["headers"]
        if status in refused:
            assert list(answer["content"]) == ["application/problem+json"]
    assert ("401" in result) == ("403" in result) == (operation.scope is not None)


def test_every_kind_of_refusal_has_a_place_in_the_document() -> None:
    statuses = {status for operation in OPERATIONS for status in refusals(operation, OPERATIONS)}
    assert {kind.status for kind in KINDS.values()} <= statuses
    assert set(KINDS) <= set(tree(LivroCaixaError))


def test_a_path_that_another_may_be_taken_for_says_so() -> None:
    refusing = [
        operation.name for operation in OPERATIONS if 405 in refusals(operation, OPERATIONS)
    ]
    assert refusing == ["look_up_entry"]
    result = ApiClient().get("/v1/entries/batch")
    assert result.status == 405
