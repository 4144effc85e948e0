"""Every error becomes a problem with one status, and reveals nothing that it should not."""

from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus

from chalicelib.api import problems
from chalicelib.api.problems import problem_response, problem_type_of
from chalicelib.ledger import errors
from chalicelib.ledger.errors import FieldError, LivroCaixaError
from chalicelib.runtime import settings
from tests.api.requests import http_request

REQUEST = http_request("GET", "/v1/entries/{entry_id}", "/v1/entries/abc")
ERRORS = {
    400: "BadRequestError InvalidQueryError",
    401: "UnauthenticatedError",
    403: "ForbiddenError",
    404: "NotFoundError",
    405: "MethodNotAllowedError",
    409: "AlreadyReversedError ConflictError ImportConflictError ReversalOfReversalError"
    " TextsDifferError",
    412: "PreconditionFailedError",
    413: "TooLargeError",
    415: "UnsupportedEncodingError UnsupportedMediaTypeError",
    422: "IdempotencyKeyReusedError ValidationError",
    500: "LivroCaixaError",
    503: "ConsolidationUnavailableError ImportBucketUnavailableError LedgerUnavailableError"
    " ReadModelUnavailableError SealBucketUnavailableError UnavailableError",
}


def tree(root: type[LivroCaixaError]) -> Iterator[type[LivroCaixaError]]:
    yield root
    for below in root.__subclasses__():
        yield from tree(below)


def test_every_error_has_its_status() -> None:
    modules = (errors.__name__, problems.__name__)
    by_status = defaultdict(list)
    for error in tree(LivroCaixaError):
        if error.__module__ in modules:
            by_status[problem_type_of(error).status.value].append(error.__name__)
    assert {status: " ".join(sorted(names)) for status, names in by_status.items()} == ERRORS


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


def test_internal_error_reveals_no_message() -> None:
    missing = settings.MissingSettingError("ENTRIES_TABLE", "ENTRIES_TABLE is not set.")
    response = problem_response(missing, REQUEST)
    assert response.status == 500
    assert "ENTRIES_TABLE" not in str(response.body)
