"""The document says what the routes do: no more, no less."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from chalicelib.web import conditional, openapi
from chalicelib.web.openapi import document
from chalicelib.web.openapi_answers import refusals
from chalicelib.web.operations import Operation
from chalicelib.web.views import documentation
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.api.problems import KINDS
from chalicelib.ledger.errors import LivroCaixaError
from tests.api.asking import Asker
from tests.api.conftest import forget_process
from tests.api.test_problems import tree

DOCUMENT = document(app.app.operations)
OPERATIONS = app.app.operations


def described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return found


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_the_document_is_served_to_anybody() -> None:
    told = Asker(merchant_id=None, scopes=()).get("/openapi.json")
    assert (told.status, told.json) == (200, json.loads(json.dumps(DOCUMENT)))
    again = Asker().get("/openapi.json", if_none_match=told.headers["ETag"])
    assert again.status == 304


def test_the_document_and_its_tag_are_made_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_process()
    made: list[object] = []
    monkeypatch.setattr(openapi, "document", _noted(made, openapi.document))
    monkeypatch.setattr(documentation, "tag_of", _noted(made, conditional.tag_of))
    first, again = (Asker().get("/openapi.json") for _ in range(2))
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
    assert documented == served == {(one.path, one.method) for one in OPERATIONS}


def test_names_are_used_once_and_are_those_of_the_contents_page() -> None:
    names = [described(operation)["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(callable(getattr(app, name)) for name in names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_an_operation_demands_in_the_document_what_it_demands(operation: Operation) -> None:
    told = described(operation)
    view = operation.find_view()
    demanded = [{"user-pool": [operation.scope]}] if operation.scope else []
    assert told["security"] == demanded
    assert ("requestBody" in told) == view.takes_body
    named = {(one["in"], one["name"]) for one in told["parameters"]}
    in_path = set(re.findall(r"{(\w+)}", operation.path))
    assert {name for place, name in named if place == "path"} == in_path
    assert (("header", "Idempotency-Key") in named) == view.keyed
    fields = {field.alias or name for name, field in view.query.model_fields.items()}
    assert {name for place, name in named if place == "query"} == fields


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_answer_has_its_headers_and_every_refusal_is_a_problem(operation: Operation) -> None:
    told = described(operation)["responses"]
    refused = {str(status.value) for status in refusals(operation, OPERATIONS)}
    assert refused <= set(told)
    for status, answer in told.items():
        assert "X-Request-Id" in answer["headers"]
        if status in refused:
            assert list(answer["content"]) == ["application/problem+json"]
    assert ("401" in told) == ("403" in told) == (operation.scope is not None)


def test_every_kind_of_refusal_has_a_place_in_the_document() -> None:
    statuses = {status for operation in OPERATIONS for status in refusals(operation, OPERATIONS)}
    assert {kind.status for kind in KINDS.values()} <= statuses
    assert set(KINDS) <= set(tree(LivroCaixaError))


def test_a_path_that_another_may_be_taken_for_says_so() -> None:
    refusing = [one.name for one in OPERATIONS if 405 in refusals(one, OPERATIONS)]
    assert refusing == ["look_up_entry"]
    told = Asker().get("/v1/entries/batch")
    assert told.status == 405
