"""What is refused, as RFC 9457 problems: one table from the error tree to statuses."""

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, NamedTuple

from chalicelib.api.exchange import Answer, WebRequest
from chalicelib.ledger import errors
from chalicelib.ledger.errors import LivroCaixaError

MEDIA_TYPE = "application/problem+json"
BLANK = "about:blank"
SOON_SECONDS = 1


class Kind(NamedTuple):
    """A kind of problem: its status, and a name of its own where the status says too little."""

    status: HTTPStatus
    name: str | None = None
    title: str | None = None

    @property
    def type_uri(self) -> str:
        """The problem's `type`: about:blank where the status says it all (RFC 9457, 4.2.1)."""
        return f"urn:problem-type:livro-caixa:{self.name}" if self.name else BLANK


class MethodNotAllowedError(LivroCaixaError):
    """The path is known, the method is none of its own; `allowed` are."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"This path takes {', '.join(allowed)} only.")
        self.allowed = tuple(allowed)


KINDS: dict[type[LivroCaixaError], Kind] = {
    LivroCaixaError: Kind(HTTPStatus.INTERNAL_SERVER_ERROR),
    errors.BadRequestError: Kind(HTTPStatus.BAD_REQUEST),
    errors.UnauthenticatedError: Kind(HTTPStatus.UNAUTHORIZED),
    errors.ForbiddenError: Kind(HTTPStatus.FORBIDDEN),
    errors.NotFoundError: Kind(HTTPStatus.NOT_FOUND),
    MethodNotAllowedError: Kind(HTTPStatus.METHOD_NOT_ALLOWED),
    errors.ConflictError: Kind(HTTPStatus.CONFLICT),
    errors.AlreadyReversedError: Kind(HTTPStatus.CONFLICT, "already-reversed", "Already reversed"),
    errors.ReversalOfReversalError: Kind(
        HTTPStatus.CONFLICT, "reversal-of-reversal", "A reversal is final"
    ),
    errors.PayloadTooLargeError: Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    errors.UnsupportedMediaTypeError: Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    errors.ValidationError: Kind(HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.IdempotencyKeyReusedError: Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", "The key stands for another request"
    ),
    errors.UnavailableError: Kind(HTTPStatus.SERVICE_UNAVAILABLE),
}
_FAILURE = "Something failed on our side; nothing is half done. Send the same request again."


def problem_answer(error: LivroCaixaError, request: WebRequest) -> Answer:
    """Return the answer to a request that was refused for an error of the tree."""
    body = problem_body(error, request, request.path)
    return Answer(body["status"], body, _headers(error), MEDIA_TYPE)


def failure_answer(request: WebRequest) -> Answer:
    """Return the answer to a request that met a fault of our own: 500, and nothing of the fault."""
    return problem_answer(LivroCaixaError(_FAILURE), request)


def problem_body(error: LivroCaixaError, request: WebRequest, instance: str) -> dict[str, Any]:
    """Return the problem's JSON value; `instance` says where it occurred."""
    kind = kind_of(error)
    problem: dict[str, Any] = {
        "type": kind.type_uri,
        "title": kind.title or kind.status.phrase,
        "status": kind.status.value,
        # What failed on our side is for the logs alone.
        "detail": _FAILURE if kind.status == HTTPStatus.INTERNAL_SERVER_ERROR else error.detail,
        "instance": instance,
        "request_id": request.request_id,
    }
    if error.faults:
        problem["errors"] = [asdict(fault) for fault in error.faults]
    return problem


def kind_of(error: LivroCaixaError) -> Kind:
    """Return the kind of an error: its own, or that of the nearest class above it."""
    return next(KINDS[above] for above in type(error).__mro__ if above in KINDS)


def _headers(error: LivroCaixaError) -> dict[str, str]:
    if isinstance(error, errors.UnauthenticatedError):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowedError):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, errors.UnavailableError):
        return {"Retry-After": str(error.retry_after)}
    return {}
