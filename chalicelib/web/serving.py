"""How every request is served: admitted, answered, its errors translated, and one line logged."""

import time
import traceback
from collections.abc import Sequence
from dataclasses import replace

from chalicelib import observability
from chalicelib.ledger.errors import LivroCaixaError, NotFound
from chalicelib.web import cors
from chalicelib.web.admission import Caller, admit
from chalicelib.web.exchange import Answer, WebRequest
from chalicelib.web.operations import Operation, allowed_methods
from chalicelib.web.problems import MethodNotAllowed, failure_answer, problem_answer

_ON_EVERY_ANSWER = {
    **cors.ON_EVERY_ANSWER,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def serve(operation: Operation, request: WebRequest) -> Answer:
    """Return the answer of an operation's view, or the problem that its refusal is."""
    started = time.monotonic()
    caller = None
    try:
        caller = admit(request, operation.scope) if operation.scope else None
        answer = operation.find_view().serve(request, caller)
    except LivroCaixaError as refusal:
        answer = problem_answer(refusal, request)
        _log_failure(refusal, request, answer)
    except Exception as failure:
        answer = failure_answer(request)
        _log_failure(failure, request, answer)
    return _finished(answer, request, caller, started)


def serve_stray(operations: Sequence[Operation], request: WebRequest) -> Answer:
    """Return the answer to a request that no operation takes: preflight, 405 or 404."""
    started = time.monotonic()
    allowed = allowed_methods(operations, request.route)
    if allowed and request.method == "OPTIONS":
        answer = cors.preflight_answer(allowed)
    elif allowed:
        answer = problem_answer(MethodNotAllowed(allowed), request)
    else:
        nowhere = NotFound("There is no such path; /openapi.json lists them all.")
        answer = problem_answer(nowhere, request)
    return _finished(answer, request, None, started)


def _finished(answer: Answer, request: WebRequest, caller: Caller | None, started: float) -> Answer:
    observability.log(
        "request_answered",
        request_id=request.request_id,
        route=f"{request.method} {request.route}",
        status=answer.status,
        latency_ms=round((time.monotonic() - started) * 1000, 1),
        merchant=observability.merchant_hash(caller.merchant_id) if caller else None,
    )
    marked = {"X-Request-Id": request.request_id}
    return replace(answer, headers={**_ON_EVERY_ANSWER, **answer.headers, **marked})


def _log_failure(error: Exception, request: WebRequest, answer: Answer) -> None:
    # Messages may hold what the request said; where and what failed is enough to find it.
    if answer.status < 500:
        return
    chain = [error, *_causes(error)]
    observability.log(
        "request_failed",
        request_id=request.request_id,
        errors=[f"{type(one).__module__}.{type(one).__name__}" for one in chain],
        at=[
            f"{frame.filename}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    )


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    while (cause := error.__cause__ or error.__context__) is not None and len(causes) < 5:
        causes.append(cause)
        error = cause
    return causes
