"""Logs, metrics and traces: one JSON line an event, metrics inside it, X-Ray where it listens.

Nothing that names a person is ever handed in: no token, no key, no name, no description.
"""

from chalicelib.observability.failures import told as failure_told
from chalicelib.observability.lines import merchant_hash
from chalicelib.observability.observation import (
    count,
    count_since,
    log,
    note,
    observed,
)
from chalicelib.observability.runs import observed_run
from chalicelib.observability.traced import carried, link, origin, store_call

__all__ = [
    "carried",
    "count",
    "count_since",
    "failure_told",
    "link",
    "log",
    "merchant_hash",
    "note",
    "observed",
    "observed_run",
    "origin",
    "store_call",
]
