"""Traces in AWS X-Ray: the only module that knows its SDK, loaded for the first trace, no sooner.

A trace is kept where a daemon listens and the caller's header does not say no. In Lambda the
platform makes the segment of each run, and ours are parts of it; elsewhere the segment is ours.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from chalicelib.observability.trace_headers import TraceHeader
from chalicelib.runtime import settings

MOST_LINKS = 50
"""A document must fit into one datagram of 64 KB."""
LONGEST_STATEMENT = 200


def begin(name: str, header: TraceHeader | None) -> "Span | None":
    """Open the part of a trace that a request or run is; None where nobody looks.

    `header` is the caller's. Names take letters, digits, spaces and `_.:/%&#=+-@`.
    """
    if not _is_wanted(header):
        return None
    recorder = _recorder()
    if settings.in_lambda():
        return Span(recorder, recorder.begin_subsegment(name), recorder.end_subsegment)
    known = {"traceid": header.root, "parent_id": header.parent} if header else {}
    segment = recorder.begin_segment(name, sampling=1, **known)
    return Span(recorder, segment, recorder.end_segment)


class Span:
    """An open part of a trace; the calls to stores made while it lasts stand below it."""

    def __init__(self, recorder: Any, entity: Any, end: Callable[[], None]) -> None:
        self._recorder = recorder
        self._entity = entity
        self._end = end

    @property
    def header(self) -> TraceHeader:
        """The header that leads back to here."""
        return TraceHeader(self._entity.trace_id, self._entity.id, sampled=True)

    @contextmanager
    def store_call(self, store: str, operation: str) -> Iterator[None]:
        """Put a call to a store below; `operation` is its name or statement, without any value."""
        part = self._recorder.begin_subsegment(store, "remote")
        part.put_metadata("operation", _short(operation))
        try:
            yield
        except BaseException as error:
            _mark_failed(part, error)
            raise
        finally:
            self._recorder.end_subsegment()

    @contextmanager
    def in_this_thread(self) -> Iterator[None]:
        """Let the calls of another thread stand below this part too."""
        self._recorder.set_trace_entity(self._entity)
        try:
            yield
        finally:
            self._recorder.clear_trace_entities()

    def link(self, origins: Sequence[TraceHeader]) -> None:
        """Say in which traces this part's work began; they are searched for by `origin_trace`."""
        result = [_link(origin) for origin in origins[:MOST_LINKS]]
        self._entity.links = result
        self._entity.put_metadata("origin_traces", [one["trace_id"] for one in result])
        if result:
            self._entity.put_annotation("origin_trace", result[0]["trace_id"])

    def end(self, notes: Mapping[str, Any], error: BaseException | None) -> None:
        """Close this part and send it; `notes` become annotations, by which traces are found."""
        for name, note in notes.items():
            if isinstance(note, str | int | float):
                self._entity.put_annotation(name, note)
        if error is not None:
            _mark_failed(self._entity, error)
        elif isinstance(notes.get("status"), int):
            self._entity.put_http_meta("status", notes["status"])
        self._end()


def _is_wanted(header: TraceHeader | None) -> bool:
    if not settings.tracing_daemon():
        return False
    if settings.in_lambda():
        return header is not None and header.sampled is True and header.parent is not None
    return header is None or header.sampled is not False


@lru_cache(maxsize=1)
def _recorder() -> Any:
    # Its warnings are about itself, and would stand unstructured among our lines.
    logging.getLogger("aws_xray_sdk").setLevel(logging.CRITICAL)
    from aws_xray_sdk.core import patch, xray_recorder

    # A call outside any trace (while a process warms up) is no fault.
    xray_recorder.context.context_missing = "IGNORE_ERROR"
    patch(("botocore",))
    return xray_recorder


def _short(operation: str) -> str:
    lines = [line for line in operation.splitlines() if not line.lstrip().startswith("--")]
    return " ".join(" ".join(lines).split())[:LONGEST_STATEMENT]


def _mark_failed(part: Any, error: BaseException) -> None:
    # The SDK's own way would send the error's message, which may quote a row.
    part.add_fault_flag()
    part.put_annotation("error", type(error).__name__)


def _link(origin: TraceHeader) -> dict[str, str]:
    link = {"trace_id": origin.root}
    return link if origin.parent is None else {**link, "id": origin.parent}
