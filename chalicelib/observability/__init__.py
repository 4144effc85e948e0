"""Logs, metrics and traces: one JSON line an event, metrics inside it, X-Ray where it listens.

Nothing that names a person is ever handed in: no token, no key, no name, no description.
"""

from chalicelib.observability.error_description import describe_error
from chalicelib.observability.json_log import merchant_hash
from chalicelib.observability.observation import (
    annotate,
    count,
    count_since,
    log,
    log_request,
)
from chalicelib.observability.runs import log_invocation
from chalicelib.observability.traced import in_context, store_call, trace_header, trace_link

__all__ = [
    "annotate",
    "count",
    "count_since",
    "describe_error",
    "in_context",
    "log",
    "log_invocation",
    "log_request",
    "merchant_hash",
    "store_call",
    "trace_header",
    "trace_link",
]
