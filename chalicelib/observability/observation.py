"""What is seen of one request or run while it lasts, written as one line when it ends.

Whoever works for it adds a note or a count, wherever they stand; without a request or run around
them counts are written at once and notes go nowhere.
"""

import itertools
import threading
import time
from contextlib import AbstractContextManager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from chalicelib.observability import error_description, json_log, tracing
from chalicelib.observability.metrics import embedded, metric
from chalicelib.observability.trace_headers import TraceHeader, parse
from chalicelib.runtime import settings

_RUNS = itertools.count()


class Observation:
    """The notes and counts of one request or run; the threads that work for it share it."""

    def __init__(self, request_id: str, header: TraceHeader | None) -> None:
        self.marks = {"request_id": request_id}
        self.header = header
        self.notes: dict[str, Any] = {}
        self.span: tracing.Span | None = None
        self._values: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, name: str, value: float) -> None:
        """Add a value to what was counted before."""
        with self._lock:
            before = self._values.get(name)
            together = metric(name).together
            self._values[name] = value if before is None else together(before, value)

    def line(self) -> dict[str, Any]:
        """Return all of it, with what CloudWatch needs to find the metrics."""
        stage = settings.current().stage
        return {**self.marks, **self.notes, **embedded(self._values, stage)}


CURRENT: ContextVar[Observation | None] = ContextVar("livro-caixa-observation", default=None)
"""What the present thread works for."""


def log_request(
    event: str, name: str, request_id: str, header: str | None = None
) -> AbstractContextManager[None]:
    """See one request or run to its end, and write its line: `event`, then all notes and counts.

    `name` is what it is called in traces, `header` the X-Amzn-Trace-Id that came with it; in Lambda
    the platform's own counts. What fails inside is noted by its kind and passes on.
    """
    return _Watch(event, name, Observation(request_id, _header(header)))


class _Watch:
    # A class, because a generator's context manager takes a third of what a line costs.
    __slots__ = ("_before", "_event", "_name", "_seen", "_started")

    def __init__(self, event: str, name: str, seen: Observation) -> None:
        self._event = event
        self._name = name
        self._seen = seen

    def __enter__(self) -> None:
        self._started = time.monotonic()
        _begin_trace(self._seen, self._name)
        self._before = CURRENT.set(self._seen)

    def __exit__(self, _kind: object, failure: BaseException | None, _traceback: object) -> None:
        seen = self._seen
        CURRENT.reset(self._before)
        if failure is not None:
            seen.notes["outcome"] = error_description.kind(failure)
        seen.notes["latency_ms"] = round((time.monotonic() - self._started) * 1000, 1)
        if next(_RUNS) == 0:
            seen.notes["cold_start"] = True
        _end_trace(seen, failure)
        json_log.write(self._event, seen.line())


def annotate(**fields: Any) -> None:
    """Add fields to the line of what is seen now."""
    seen = CURRENT.get()
    if seen is not None:
        seen.notes.update(fields)


def count(name: str, value: float = 1, **fields: Any) -> None:
    """Add to a metric of the table METRICS; the fields stand in the same line."""
    seen = CURRENT.get()
    if seen is None:
        embedding = embedded({name: value}, settings.current().stage)
        json_log.write("metric", {**embedding, **fields})
    else:
        seen.count(name, value)
        seen.notes.update(fields)


def count_since(name: str, moment: datetime) -> None:
    """Add to a metric of durations the time that has passed since an aware moment."""
    count(name, round((datetime.now(UTC) - moment).total_seconds() * 1000))


def log(event: str, **fields: Any) -> None:
    """Write one line now: what happened (past tense, snake case) and its fields."""
    seen = CURRENT.get()
    json_log.write(event, {**(seen.marks if seen else {}), **fields})


def _header(sent: str | None) -> TraceHeader | None:
    return parse(settings.trace_header() if settings.in_lambda() else sent)


def _begin_trace(seen: Observation, name: str) -> None:
    if seen.header is not None:
        seen.marks["trace_id"] = seen.header.root
    try:
        seen.span = tracing.begin(name, seen.header)
    except Exception as error:
        _tell_tracing_failed(error)
    else:
        if seen.span is not None:
            seen.marks["trace_id"] = seen.span.header.root


def _end_trace(seen: Observation, failure: BaseException | None) -> None:
    if seen.span is None:
        return
    try:
        seen.span.end({**seen.marks, **seen.notes}, failure)
    except Exception as error:
        _tell_tracing_failed(error)


def _tell_tracing_failed(error: Exception) -> None:
    # Nobody's request is worth less than its trace.
    json_log.write("tracing_failed", error_description.describe_error(error))
