"""How every request is served: admitted, answered, its errors translated, and one line logged."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from chalicelib import observability
from chalicelib.api import cors
from chalicelib.api.admission import WRITE, admit
from chalicelib.api.exchange import Answer, WebRequest, proxy_response
from chalicelib.api.operations import Operation, allowed_methods
from chalicelib.api.problems import MethodNotAllowedError, failure_answer, problem_answer
from chalicelib.ledger.errors import LivroCaixaError, NotFoundError
from chalicelib.ledger.principal import Principal

_ON_EVERY_ANSWER = {
    **cors.ON_EVERY_ANSWER,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def serve(operation: Operation, request: WebRequest) -> dict[str, Any]:
    """Return the answer of an operation's view, or the problem that its refusal is, as written."""
    with _observed(operation.name, request):
        is_entry = False
        try:
            caller = _admitted(operation, request)
            is_entry = operation.scope == WRITE
            answer = operation.find_view().serve(request, caller)
        except LivroCaixaError as refusal:
            answer = problem_answer(refusal, request)
            _note_refusal(refusal, answer, is_entry)
        except Exception as failure:
            answer = failure_answer(request)
            _note_refusal(failure, answer, is_entry)
        return _finished(answer, request)


def serve_stray(operations: Sequence[Operation], request: WebRequest) -> dict[str, Any]:
    """Return the answer to a request that no operation takes: preflight, 405 or 404."""
    with _observed("stray_request", request):
        allowed = allowed_methods(operations, request.route)
        if allowed and request.method == "OPTIONS":
            answer = cors.preflight_answer(allowed)
        elif allowed:
            answer = problem_answer(MethodNotAllowedError(allowed), request)
        else:
            nowhere = NotFoundError("There is no such path; /openapi.json lists them all.")
            answer = problem_answer(nowhere, request)
        return _finished(answer, request)


def serve_failed(failure: Exception, request: WebRequest) -> dict[str, Any]:
    """Return the answer where even the words of an answer failed."""
    observability.log("request_failed", **observability.describe_error(failure))
    return _written(failure_answer(request), request)


def _observed(name: str, request: WebRequest) -> AbstractContextManager[None]:
    trace_header = request.header("x-amzn-trace-id")
    return observability.log_request("request_answered", name, request.request_id, trace_header)


def _admitted(operation: Operation, request: WebRequest) -> Principal | None:
    if not operation.scope:
        return None
    caller = admit(request, operation.scope)
    observability.annotate(merchant=observability.merchant_hash(caller.merchant_id))
    return caller


def _finished(answer: Answer, request: WebRequest) -> dict[str, Any]:
    observability.annotate(route=f"{request.method} {request.route}", status=answer.status)
    return _written(answer, request)


def _written(answer: Answer, request: WebRequest) -> dict[str, Any]:
    marked = {"X-Request-Id": request.request_id}
    return proxy_response(answer, {**_ON_EVERY_ANSWER, **answer.headers, **marked})


def _note_refusal(error: Exception, answer: Answer, is_entry: bool) -> None:
    is_ours = answer.status >= 500
    observability.annotate(outcome=type(error).__name__)
    if is_entry:
        observability.count("EntriesFailed" if is_ours else "EntriesRefused")
    if is_ours:
        # Messages may hold what the request said; where and what failed is enough to find it.
        observability.log("request_failed", **observability.describe_error(error))
