"""Every error becomes a problem with one status, and reveals nothing that it should not."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from chalicelib.api import problems
from chalicelib.api.problems import PROBLEM_TYPES, problem_response, problem_type_of
from chalicelib.ledger import errors
from chalicelib.ledger.errors import FieldError, LivroCaixaError
from chalicelib.runtime import settings
from tests.api.requests import http_request

REQUEST = http_request("GET", "/v1/entries/{entry_id}", "/v1/entries/abc")
STATUSES = {
    problems.BadRequestError: 400,
    errors.InvalidQueryError: 400,
    problems.UnauthenticatedError: 401,
    problems.ForbiddenError: 403,
    errors.NotFoundError: 404,
    problems.MethodNotAllowedError: 405,
    errors.ConflictError: 409,
    errors.AlreadyReversedError: 409,
    errors.ReversalOfReversalError: 409,
    problems.TooLargeError: 413,
    problems.UnsupportedMediaTypeError: 415,
    errors.ValidationError: 422,
    errors.IdempotencyKeyReusedError: 422,
    errors.UnavailableError: 503,
    errors.LedgerUnavailableError: 503,
    errors.ReadModelUnavailableError: 503,
    errors.ConsolidationUnavailableError: 503,
}


def tree(root: type[LivroCaixaError]) -> Iterator[type[LivroCaixaError]]:
    yield root
    for below in root.__subclasses__():
        yield from tree(below)


def test_every_error_has_its_status() -> None:
    modules = (errors.__name__, problems.__name__)
    raised = {error for error in tree(LivroCaixaError) if error.__module__ in modules}
    assert raised - {LivroCaixaError} == set(STATUSES)
    assert {error: problem_type_of(error).status for error in STATUSES} == STATUSES
    assert set(PROBLEM_TYPES) <= set(tree(LivroCaixaError))


def test_named_problem_types_are_unique_urns() -> None:
    assert {kind.uri for kind in PROBLEM_TYPES.values()} == {
        "about:blank",
        "urn:problem-type:livro-caixa:already-reversed",
        "urn:problem-type:livro-caixa:reversal-of-reversal",
        "urn:problem-type:livro-caixa:key-reused",
    }
    assert all(kind.title for kind in PROBLEM_TYPES.values() if kind.name)


def test_problem_names_error_place_and_request() -> None:
    field_errors = [FieldError("amount", "must be a string")]
    error = errors.ValidationError("The body breaks rules.", field_errors)
    response = problem_response(error, REQUEST)
    assert (response.status, response.media_type) == (422, "application/problem+json")
    assert response.body == {
        "type": "about:blank",
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "detail": "The body breaks rules.",
        "instance": "/v1/entries/abc",
        "request_id": "request-1",
        "errors": [{"field": "amount", "message": "must be a string"}],
    }


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (problems.UnauthenticatedError("Who?"), {"WWW-Authenticate": "Bearer"}),
        (errors.LedgerUnavailableError("Later."), {"Retry-After": "1"}),
        (errors.ReadModelUnavailableError("Later.", 3), {"Retry-After": "3"}),
        (problems.MethodNotAllowedError(["GET", "OPTIONS"]), {"Allow": "GET, OPTIONS"}),
        (errors.NotFoundError("Nothing."), {}),
    ],
)
def test_problem_carries_headers_of_its_status(
    error: LivroCaixaError, headers: dict[str, str]
) -> None:
    assert problem_response(error, REQUEST).headers == headers


def test_internal_error_reveals_no_message() -> None:
    response = problem_response(settings.MissingSettingError("ENTRIES_TABLE is not set."), REQUEST)
    assert response.status == 500
    assert "ENTRIES_TABLE" not in str(response.body)
