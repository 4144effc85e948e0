"""Traces in AWS X-Ray. Only this module knows its SDK, and imports it for the first trace.

A trace is recorded where a daemon listens, unless the caller's header says not to. Lambda makes a
segment for each invocation, to which this adds subsegments; elsewhere this makes the segment.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from chalicelib.observability.trace_headers import TraceHeader
from chalicelib.runtime import settings
from chalicelib.runtime.wiring import once

MOST_LINKS = 50  # a document must fit into one datagram of 64 KB
LONGEST_STATEMENT = 200


def begin(name: str, header: TraceHeader | None) -> "Span | None":
    """Open the span of a request or invocation; return None where it is not traced.

    `name` may have letters, digits, spaces and `_.:/%&#=+-@`; `header` is the caller's.
    """
    if not _is_wanted(header):
        return None
    recorder = _recorder()
    if settings.in_lambda():
        return Span(recorder, recorder.begin_subsegment(name), recorder.end_subsegment)
    caller = {"traceid": header.root, "parent_id": header.parent} if header else {}
    segment = recorder.begin_segment(name, sampling=1, **caller)
    return Span(recorder, segment, recorder.end_segment)


class Span:
    """An open segment or subsegment of a trace; calls to stores become its subsegments."""

    def __init__(self, recorder: Any, entity: Any, end: Callable[[], None]) -> None:
        self._recorder = recorder
        self._entity = entity
        self._end = end

    @property
    def header(self) -> TraceHeader:
        """The header that refers to this span."""
        return TraceHeader(self._entity.trace_id, self._entity.id, sampled=True)

    @contextmanager
    def store_call(self, store: str, operation: str) -> Iterator[None]:
        """Trace a call to a store; `operation` is its name or statement, without values."""
        subsegment = self._recorder.begin_subsegment(store, "remote")
        subsegment.put_metadata("operation", _short(operation))
        try:
            yield
        except BaseException as error:
            _mark_failed(subsegment, error)
            raise
        finally:
            self._recorder.end_subsegment()

    @contextmanager
    def in_this_thread(self) -> Iterator[None]:
        """Add the calls of the current thread to this span, which another thread began."""
        self._recorder.set_trace_entity(self._entity)
        try:
            yield
        finally:
            self._recorder.clear_trace_entities()

    def add_links(self, headers: Sequence[TraceHeader]) -> None:
        """Link to the traces in which this span's work began; `origin_trace` can be searched."""
        linked = headers[:MOST_LINKS]
        self._entity.links = [
            {"trace_id": header.root} | ({"id": header.parent} if header.parent else {})
            for header in linked
        ]
        self._entity.put_metadata("origin_traces", [header.root for header in linked])
        if linked:
            self._entity.put_annotation("origin_trace", linked[0].root)

    def end(self, fields: Mapping[str, Any], error: BaseException | None) -> None:
        """Close and send this span; `fields` become annotations, which can be searched."""
        for name, value in fields.items():
            if isinstance(value, str | int | float):
                self._entity.put_annotation(name, value)
        if error is not None:
            _mark_failed(self._entity, error)
        elif isinstance(fields.get("status"), int):
            self._entity.put_http_meta("status", fields["status"])
        self._end()


def _is_wanted(header: TraceHeader | None) -> bool:
    if not settings.tracing_daemon():
        return False
    if settings.in_lambda():
        return header is not None and header.sampled is True and header.parent is not None
    return header is None or header.sampled is not False


@once
def _recorder() -> Any:
    # The SDK's warnings concern only itself, and are not JSON as the other lines are.
    logging.getLogger("aws_xray_sdk").setLevel(logging.CRITICAL)
    from aws_xray_sdk.core import patch, xray_recorder

    # A call outside a trace, as while a process starts, is not an error.
    xray_recorder.context.context_missing = "IGNORE_ERROR"
    patch(("botocore",))
    return xray_recorder


def _short(operation: str) -> str:
    lines = [line for line in operation.splitlines() if not line.lstrip().startswith("--")]
    return " ".join(" ".join(lines).split())[:LONGEST_STATEMENT]


def _mark_failed(entity: Any, error: BaseException) -> None:
    # The SDK's add_exception would send the error's message, which may quote a row.
    entity.add_fault_flag()
    entity.put_annotation("error", type(error).__name__)
