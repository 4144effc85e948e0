"""Every error of the tree is a problem of one status, and says nothing that it should not."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from chalicelib.api.exchange import WebRequest
from chalicelib.api.problems import KINDS, MethodNotAllowedError, kind_of, problem_answer
from chalicelib.ledger import errors
from chalicelib.ledger.errors import FieldError, LivroCaixaError
from chalicelib.ledger.idempotency import key_reused
from chalicelib.runtime import settings

REQUEST = WebRequest("GET", "/v1/entries/{entry_id}", "/v1/entries/abc", "request-1")
STATUSES = {
    errors.BadRequestError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.PayloadTooLargeError: 413,
    errors.UnsupportedMediaTypeError: 415,
    errors.ValidationError: 422,
    errors.UnavailableError: 503,
}


def tree(root: type[LivroCaixaError]) -> Iterator[type[LivroCaixaError]]:
    yield root
    for below in root.__subclasses__():
        yield from tree(below)


def test_every_error_of_the_tree_has_a_kind_of_its_own_or_of_what_it_is() -> None:
    of_the_ledger = [one for one in tree(LivroCaixaError) if one.__module__ == errors.__name__]
    assert len(of_the_ledger) > 10
    for error in of_the_ledger[1:]:
        above = next(known for known in KINDS if known in error.__mro__ and known in STATUSES)
        assert kind_of(error("No.")).status == STATUSES[above], error


def test_every_kind_is_of_an_error_that_can_be_raised() -> None:
    assert set(KINDS) <= set(tree(LivroCaixaError))


def test_types_are_blank_or_named_once() -> None:
    named = [kind.type_uri for kind in KINDS.values() if kind.name]
    assert len(named) == len(set(named))
    assert all(uri.startswith("urn:problem-type:livro-caixa:") for uri in named)
    assert all(kind.title for kind in KINDS.values() if kind.name)


def test_a_problem_says_what_where_and_by_which_request() -> None:
    faults = [FieldError("amount", "must be a string"), FieldError("type", "is required")]
    answer = problem_answer(errors.ValidationError("The body breaks rules.", faults), REQUEST)
    assert (answer.status, answer.media_type) == (422, "application/problem+json")
    assert answer.body == {
        "type": "about:blank",
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "detail": "The body breaks rules.",
        "instance": "/v1/entries/abc",
        "request_id": "request-1",
        "errors": [
            {"field": "amount", "message": "must be a string"},
            {"field": "type", "message": "is required"},
        ],
    }


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.UnauthenticatedError("Who?"), {"WWW-Authenticate": "Bearer"}),
        (errors.LedgerUnavailableError("Later."), {"Retry-After": "1"}),
        (errors.ReadModelUnavailableError("Later.", 3), {"Retry-After": "3"}),
        (MethodNotAllowedError(["GET", "OPTIONS"]), {"Allow": "GET, OPTIONS"}),
        (errors.NotFoundError("Nothing."), {}),
    ],
)
def test_a_refusal_carries_the_headers_of_its_status(
    error: LivroCaixaError, headers: dict[str, str]
) -> None:
    assert problem_answer(error, REQUEST).headers == headers


def test_a_fault_of_our_own_is_told_to_nobody() -> None:
    answer = problem_answer(settings.MissingSettingError("ENTRIES_TABLE is not set."), REQUEST)
    assert answer.status == 500
    assert "ENTRIES_TABLE" not in str(answer.body)


def test_a_reused_key_can_be_told_from_a_faulty_body() -> None:
    assert key_reused().faults
    answer = problem_answer(key_reused(), REQUEST)
    assert (answer.status, answer.body["type"]) == (422, "urn:problem-type:livro-caixa:key-reused")
