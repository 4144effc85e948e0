"""Collects log fields and metrics of one request or invocation and writes them as one JSON line.

Any code that runs for the request adds fields (annotate) and metrics (count). Outside a request,
metrics are written at once and fields are dropped.
"""

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from chalicelib.observability import json_log, tracing
from chalicelib.observability.error_description import describe_error, error_type
from chalicelib.observability.metrics import embedded, metric
from chalicelib.observability.trace_headers import TraceHeader, parse
from chalicelib.runtime import settings

_REQUESTS = itertools.count()


class FunctionFailedError(Exception):
    """An invocation failed with an error of a library; the message names only its type."""


class RequestLog:
    """Fields and metrics of one request or invocation; all threads that work for it share them."""

    def __init__(self, request_id: str, header: TraceHeader | None) -> None:
        self.ids = {"request_id": request_id}
        self.header = header
        self.fields: dict[str, Any] = {}
        self.span: tracing.Span | None = None
        self._values: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, name: str, value: float) -> None:
        """Add a value to a metric."""
        with self._lock:
            before = self._values.get(name)
            aggregate = metric(name).aggregate
            self._values[name] = value if before is None else aggregate(before, value)

    def line(self) -> dict[str, Any]:
        """Return the fields of the log line, the metrics included."""
        stage = settings.current().stage
        return {**self.ids, **self.fields, **embedded(self._values, stage)}


CURRENT: ContextVar[RequestLog | None] = ContextVar("livro-caixa-request-log", default=None)
"""The request for which the current thread works."""


def log_request(
    event: str, name: str, request_id: str, header: str | None = None
) -> AbstractContextManager[None]:
    """Collect fields and metrics within a `with` block, and write them as one line at its end.

    `event` names the line, `name` the trace; `header` is the request's X-Amzn-Trace-Id, in place of
    which Lambda's own is used where there is one. An error is logged by its type and raised again.
    """
    trace = settings.trace_header() if settings.in_lambda() else header
    return _LoggedRequest(event, name, RequestLog(request_id, parse(trace)))


def log_invocation(event: Any, call_next: Callable[[Any], Any]) -> Any:
    """Log one invocation of a function that serves no request; a Chalice middleware.

    Lambda logs the message of the error that a handler raises, and a library's message may quote a
    row or a name. So this application's errors pass, and others are replaced by their type.
    """
    context = event.context
    name = getattr(context, "function_name", "function")
    with log_request("function_ended", name, getattr(context, "aws_request_id", "unknown")):
        annotate(function=name)
        try:
            return call_next(event)
        except Exception as error:
            log("function_failed", **describe_error(error))
            if type(error).__module__.startswith("chalicelib."):
                raise
            raise FunctionFailedError(error_type(error)) from None


class _LoggedRequest:
    # A class, because a generator's context manager takes a third of the time of a line.
    __slots__ = ("_before", "_event", "_name", "_request", "_started")

    def __init__(self, event: str, name: str, request: RequestLog) -> None:
        self._event = event
        self._name = name
        self._request = request

    def __enter__(self) -> None:
        self._started = time.monotonic()
        _begin_trace(self._request, self._name)
        self._before = CURRENT.set(self._request)

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        request = self._request
        CURRENT.reset(self._before)
        if error is not None:
            request.fields["outcome"] = error_type(error)
        request.fields["latency_ms"] = round((time.monotonic() - self._started) * 1000, 1)
        if next(_REQUESTS) == 0:
            request.fields["cold_start"] = True
        _end_trace(request, error)
        json_log.write(self._event, request.line())


def annotate(**fields: Any) -> None:
    """Add fields to the line of the current request."""
    request = CURRENT.get()
    if request is not None:
        request.fields.update(fields)


def count(name: str, value: float = 1, **fields: Any) -> None:
    """Add to a metric of the table METRICS, and add fields to the same line."""
    request = CURRENT.get()
    if request is None:
        json_log.write("metric", {**embedded({name: value}, settings.current().stage), **fields})
    else:
        request.count(name, value)
        request.fields.update(fields)


def count_since(name: str, moment: datetime) -> None:
    """Add the time since an aware moment to a metric in milliseconds."""
    count(name, round((datetime.now(UTC) - moment).total_seconds() * 1000))


def log(event: str, **fields: Any) -> None:
    """Write a line now; `event` says what happened, in past tense and snake case."""
    request = CURRENT.get()
    json_log.write(event, {**(request.ids if request else {}), **fields})


def _begin_trace(request: RequestLog, name: str) -> None:
    if request.header is not None:
        request.ids["trace_id"] = request.header.root
    try:
        request.span = tracing.begin(name, request.header)
    except Exception as error:
        _log_tracing_failure(error)
    else:
        if request.span is not None:
            request.ids["trace_id"] = request.span.header.root


def _end_trace(request: RequestLog, error: BaseException | None) -> None:
    if request.span is None:
        return
    try:
        request.span.end({**request.ids, **request.fields}, error)
    except Exception as tracing_error:
        _log_tracing_failure(tracing_error)


def _log_tracing_failure(error: Exception) -> None:
    # A request is never failed because its trace cannot be sent.
    json_log.write("tracing_failed", describe_error(error))
