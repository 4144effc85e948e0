"""Logs and metrics: one JSON line an event on standard output, metrics as CloudWatch EMF.

Nothing that names a person is ever handed in: no token, no key, no name, no description.
"""

import hashlib
import json
import sys
import time
from typing import Any

NAMESPACE = "LivroCaixa"


def log(event: str, **fields: Any) -> None:
    """Write one line: what happened (past tense, snake case) and its fields."""
    print(json.dumps({"event": event, **fields}, default=str), file=sys.stdout, flush=True)


def count(metric: str, value: float = 1, unit: str = "Count", **fields: Any) -> None:
    """Add to a CloudWatch metric by the embedded metric format; no dimension names a merchant."""
    emf = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [[]],
                    "Metrics": [{"Name": metric, "Unit": unit}],
                }
            ],
        },
        metric: value,
    }
    log("metric", **emf, **fields)


def merchant_hash(merchant_id: str) -> str:
    """Return a short digest by which one merchant's lines are found without naming it."""
    return hashlib.sha256(f"livro-caixa/merchant/{merchant_id}".encode()).hexdigest()[:12]
