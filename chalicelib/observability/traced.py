"""Traces as a room sees them: its calls to stores, its threads, where its entries came from."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from chalicelib.observability.observation import CURRENT
from chalicelib.observability.trace_headers import parse

Work = TypeVar("Work")
Done = TypeVar("Done")
MOST_ORIGINS_TOLD = 10


def store_call(store: str, operation: str) -> AbstractContextManager[None]:
    """Show a call to PostgreSQL or Redis in the trace, by its statement or name without values.

    AWS services show themselves.
    """
    seen = CURRENT.get()
    if seen is None or seen.span is None:
        return nullcontext()
    return seen.span.store_call(store, operation)


def in_context(work: Callable[[Work], Done]) -> Callable[[Work], Done]:
    """Return the same work for other threads: what it does belongs to what is seen now."""
    seen = CURRENT.get()
    if seen is None:
        return work

    def working(asked: Work) -> Done:
        before = CURRENT.set(seen)
        try:
            with seen.span.in_this_thread() if seen.span else nullcontext():
                return work(asked)
        finally:
            CURRENT.reset(before)

    return working


def trace_header(header: str | None) -> str | None:
    """Return the trace header by which what is recorded now is found again, None without a trace.

    `header` is the request's own X-Amzn-Trace-Id, which counts where nothing is traced here.
    """
    seen = CURRENT.get()
    if seen is not None and seen.span is not None:
        return str(seen.span.header)
    known = (seen.header if seen else None) or parse(header)
    return str(known) if known else None


def trace_link(origins: Iterable[str | None]) -> None:
    """Lead from what is seen now to the traces in which its entries were recorded."""
    seen = CURRENT.get()
    if seen is None:
        return
    headers = (parse(fromkey) for fromkey in dict.fromkeys(origins))
    kept = {header.root: header for header in headers if header is not None and header.sampled}
    if kept:
        seen.notes["origin_traces"] = list(kept)[:MOST_ORIGINS_TOLD]
        if seen.span is not None:
            seen.span.link(list(kept.values()))
