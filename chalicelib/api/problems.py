"""Errors as RFC 9457 problems: the errors of HTTP itself, and one table from errors to statuses."""

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, NamedTuple

from chalice.app import Request

from chalicelib.api.http import Response, request_id, sent_path
from chalicelib.bank_files.errors import FileTooLargeError
from chalicelib.ledger import errors
from chalicelib.ledger.errors import LivroCaixaError

MEDIA_TYPE = "application/problem+json"


class BadRequestError(LivroCaixaError):
    """The request is malformed: its JSON, a header, or a query parameter."""


class UnauthenticatedError(LivroCaixaError):
    """The request has no access token, or one that is not valid."""


class ForbiddenError(LivroCaixaError):
    """The token is valid, but does not allow this."""


class MethodNotAllowedError(LivroCaixaError):
    """The path exists, but not with this method; `allowed` are the methods that it has."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"This path allows only {', '.join(allowed)}.")
        self.allowed = tuple(allowed)


class PreconditionFailedError(LivroCaixaError):
    """What is to be changed has changed since the request's If-Match was read."""


class TooLargeError(LivroCaixaError):
    """The body has more bytes than the endpoint accepts."""


class UnsupportedMediaTypeError(LivroCaixaError):
    """The body has a media type that the endpoint does not accept."""


class UnsupportedEncodingError(UnsupportedMediaTypeError):
    """The body is sent with a Content-Encoding, and no endpoint decodes any."""


class ProblemType(NamedTuple):
    """The status of a problem, and its own name and title where the status says too little."""

    status: HTTPStatus
    name: str | None = None
    title: str | None = None

    @property
    def uri(self) -> str:
        """The problem's `type`; about:blank if the status says it all (RFC 9457, 4.2.1)."""
        return f"urn:problem-type:livro-caixa:{self.name}" if self.name else "about:blank"


PROBLEM_TYPES: dict[type[LivroCaixaError], ProblemType] = {
    LivroCaixaError: ProblemType(HTTPStatus.INTERNAL_SERVER_ERROR),
    BadRequestError: ProblemType(HTTPStatus.BAD_REQUEST),
    errors.InvalidQueryError: ProblemType(HTTPStatus.BAD_REQUEST),
    UnauthenticatedError: ProblemType(HTTPStatus.UNAUTHORIZED),
    ForbiddenError: ProblemType(HTTPStatus.FORBIDDEN),
    errors.NotFoundError: ProblemType(HTTPStatus.NOT_FOUND),
    MethodNotAllowedError: ProblemType(HTTPStatus.METHOD_NOT_ALLOWED),
    errors.ConflictError: ProblemType(HTTPStatus.CONFLICT),
    errors.AlreadyReversedError: ProblemType(
        HTTPStatus.CONFLICT, "already-reversed", "Already reversed"
    ),
    errors.ReversalOfReversalError: ProblemType(
        HTTPStatus.CONFLICT, "reversal-of-reversal", "A reversal is final"
    ),
    errors.TextsDifferError: ProblemType(
        HTTPStatus.CONFLICT, "texts-differ", "Texts differ from what was sealed"
    ),
    PreconditionFailedError: ProblemType(HTTPStatus.PRECONDITION_FAILED),
    TooLargeError: ProblemType(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    FileTooLargeError: ProblemType(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    UnsupportedMediaTypeError: ProblemType(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    errors.ValidationError: ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.IdempotencyKeyReusedError: ProblemType(
        HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", "Idempotency key already used"
    ),
    errors.UnavailableError: ProblemType(HTTPStatus.SERVICE_UNAVAILABLE),
}
_INTERNAL = "Internal error; no entry is half recorded. Send the same request again."


def problem_response(error: LivroCaixaError, request: Request) -> Response:
    """Return the response to a request that failed with an error of the tree."""
    body = problem_body(error, request, sent_path(request))
    return Response(body["status"], body, _headers(error), MEDIA_TYPE)


def internal_error(request: Request) -> Response:
    """Return the response to a request that met an unexpected error: 500, without its message."""
    return problem_response(LivroCaixaError(_INTERNAL), request)


def problem_body(error: LivroCaixaError, request: Request, instance: str) -> dict[str, Any]:
    """Return the problem's JSON value; `instance` says where the error occurred."""
    problem_type = problem_type_of(type(error))
    is_internal = problem_type.status == HTTPStatus.INTERNAL_SERVER_ERROR
    problem: dict[str, Any] = {
        "type": problem_type.uri,
        "title": problem_type.title or problem_type.status.phrase,
        "status": problem_type.status.value,
        # The message of an internal error is for the logs only.
        "detail": _INTERNAL if is_internal else error.detail,
        "instance": instance,
        "request_id": request_id(request),
    }
    if error.field_errors:
        problem["errors"] = [asdict(field_error) for field_error in error.field_errors]
    return problem | dict(error.extensions)


def problem_type_of(error: type[Exception]) -> ProblemType:
    """Return the type of an error's problem: the error's own, or its nearest base class's.

    An error from outside the tree is an internal error.
    """
    own = (PROBLEM_TYPES[base] for base in error.__mro__ if base in PROBLEM_TYPES)
    return next(own, PROBLEM_TYPES[LivroCaixaError])


def _headers(error: LivroCaixaError) -> dict[str, str]:
    if isinstance(error, UnauthenticatedError):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowedError):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, UnsupportedEncodingError):
        return {"Accept-Encoding": "identity"}
    if isinstance(error, errors.UnavailableError):
        return {"Retry-After": str(error.retry_after)}
    return {}
