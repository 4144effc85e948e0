"""The report card's section of load: what was carried, and what follows from it for AWS."""

from collections.abc import Mapping, Sequence
from typing import Any

from verification.load.sizing import ACCOUNT_CONCURRENCY
from verification.report import phases
from verification.tables import table


def load_section(outcome: Mapping[str, Any]) -> str:
    """Return what was carried, and what a rate needs in AWS by arithmetic."""
    rows = [
        _phase_row(title, kind, phase[kind])
        for title, phase in phases(outcome)
        for kind in ("reads", "writes")
    ]
    return "\n\n".join(
        [
            "## Load",
            "Moments of arrival are fixed in advance, and latency counts from them. An answer "
            "after 1 s, or one whose balances do not add up, counts as lost.",
            table(["", "", "rate", "requests", "lost", "p50", "p99", "longest"], rows),
            "\\* Warm functions are processes that are handed the gateway's events over pipes: no "
            "HTTP, no gateway and no check of a token is in these figures.",
            *_sizing(outcome["cost"], outcome["needs"]),
        ]
    )


def _sizing(cost: Mapping[str, float], needs: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        [f"{need['rate']:,}/s", f"{need['memory_mb']:,} MB", f"{need['request_ms']} ms",
         f"{need['functions']:,}", "no" if need["within_quota"] else "**yes**",
         "yes" if need["pooler"] else "no", f"{need['database_processors']:,}"]
        for need in needs
    ]  # fmt: skip
    columns = [
        "rate", "memory", "a request", "functions at once", "quota to be raised", "pooler",
        "processors of PostgreSQL, at most",
    ]  # fmt: skip
    return [
        f"One warm function took {cost['cpu'] * 1000:.2f} ms of CPU and "
        f"{cost['waiting'] * 1000:.2f} ms of waiting a request. What follows from it in AWS, "
        "**calculated, not measured**: 3 ms of network and 1 ms of Lambda's own CPU a request "
        "are assumed, functions are busy for 70 % of their time, and a processor is as fast as "
        f"this machine's. An account may run {ACCOUNT_CONCURRENCY:,} functions at once, of all "
        "kinds together, until AWS raises its quota. PostgreSQL computes for no longer than a "
        "request waits, so rate × waiting is the most that it can need for these reads of a book "
        "of this size. Writes, "
        "the gateway's own quotas and the database's disk are left out.",
        table(columns, rows),
    ]


def _phase_row(title: str, kind: str, told: Mapping[str, Any]) -> list[str]:
    latencies = [f"{told[name]} ms" for name in ("p50_ms", "p99_ms", "longest_ms")]
    return [
        title,
        kind,
        f"{told['rate']:,.0f}/s",
        f"{told['requests']:,}",
        str(told["lost"]),
        *latencies,
    ]
