"""Traces as the packages use them: calls to stores, work in other threads, links between traces."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from chalicelib.observability.request_log import CURRENT
from chalicelib.observability.trace_headers import parse

Argument = TypeVar("Argument")
Result = TypeVar("Result")
MOST_LOGGED_LINKS = 10


def store_call(store: str, operation: str) -> AbstractContextManager[None]:
    """Trace a call to PostgreSQL or Redis; `operation` is its name or statement, without values.

    Calls to AWS services are traced automatically.
    """
    request = CURRENT.get()
    if request is None or request.span is None:
        return nullcontext()
    return request.span.store_call(store, operation)


def in_context(work: Callable[[Argument], Result]) -> Callable[[Argument], Result]:
    """Return a function for other threads that does the same work for the current request."""
    request = CURRENT.get()
    if request is None:
        return work

    def work_for_request(argument: Argument) -> Result:
        before = CURRENT.set(request)
        try:
            with request.span.in_this_thread() if request.span else nullcontext():
                return work(argument)
        finally:
            CURRENT.reset(before)

    return work_for_request


def trace_header(header: str | None) -> str | None:
    """Return the trace header to store with what is recorded now, or None without a trace.

    `header` is the request's own X-Amzn-Trace-Id, used where this process does not trace.
    """
    request = CURRENT.get()
    if request is not None and request.span is not None:
        return str(request.span.header)
    received = (request.header if request else None) or parse(header)
    return str(received) if received else None


def trace_link(stored_headers: Iterable[str | None]) -> None:
    """Link the current trace to those in which its entries were recorded."""
    request = CURRENT.get()
    if request is None:
        return
    headers = (parse(text) for text in dict.fromkeys(stored_headers))
    sampled = {header.root: header for header in headers if header is not None and header.sampled}
    if sampled:
        request.fields["origin_traces"] = list(sampled)[:MOST_LOGGED_LINKS]
        if request.span is not None:
            request.span.add_links(list(sampled.values()))
