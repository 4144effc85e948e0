"""Runs of functions that answer no request: stream batches, schedules, tasks, triggers."""

from collections.abc import Callable
from typing import Any

from chalicelib.observability import error_description
from chalicelib.observability.observation import annotate, log, log_request


class FunctionFailedError(Exception):
    """A run met a fault that is none of ours; its kind is told, and more in the log."""


def log_invocation(event: Any, resume: Callable[[Any], Any]) -> Any:
    """See one run to its end: a Chalice middleware, of events that carry Lambda's context.

    Lambda logs the message of what a handler raises, and the message of a library's error may quote
    a row or a name. So our own errors pass, and of others the kind alone.
    """
    context = event.context
    name = getattr(context, "function_name", "function")
    with log_request("function_ended", name, getattr(context, "aws_request_id", "unknown")):
        annotate(function=name)
        try:
            return resume(event)
        except Exception as error:
            log("function_failed", **error_description.describe_error(error))
            if type(error).__module__.startswith("chalicelib."):
                raise
            raise FunctionFailedError(error_description.kind(error)) from None
