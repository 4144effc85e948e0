"""Logs, metrics and traces: one JSON line per request, with its metrics, and X-Ray where it runs.

Callers never pass anything that identifies a person: no token, key, name or description.
"""

from chalicelib.observability.error_description import describe_error
from chalicelib.observability.json_log import merchant_hash
from chalicelib.observability.request_log import (
    annotate,
    count,
    count_since,
    log,
    log_invocation,
    log_request,
)
from chalicelib.observability.trace_context import in_context, store_call, trace_header, trace_link

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
