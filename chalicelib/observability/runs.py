"""Runs of functions that answer no request: stream batches, schedules, tasks, triggers."""

from collections.abc import Callable
from typing import Any

from chalicelib.observability import failures
from chalicelib.observability.observation import log, note, observed


class FunctionFailed(Exception):
    """A run met a fault that is none of ours; its kind is told, and more in the log."""


def observed_run(event: Any, go_on: Callable[[Any], Any]) -> Any:
    """See one run to its end: a Chalice middleware, of events that carry Lambda's context.

    Lambda logs the message of what a handler raises, and the message of a library's error may quote
    a row or a name. So our own errors pass, and of others the kind alone.
    """
    context = event.context
    name = getattr(context, "function_name", "function")
    with observed("function_ended", name, getattr(context, "aws_request_id", "unknown")):
        note(function=name)
        try:
            return go_on(event)
        except Exception as error:
            log("function_failed", **failures.told(error))
            if type(error).__module__.startswith("chalicelib."):
                raise
            raise FunctionFailed(failures.kind(error)) from None
