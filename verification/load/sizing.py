"""What a rate needs in AWS, calculated from the measured cost of one warm function.

Little's law: concurrent requests = rate x time of each. Lambda gives a function a share of a
processor by its memory (1,769 MB are one; AWS Lambda developer guide, "Configure Lambda function
memory"), and each concurrent request is a function with its own connection. An account's quota
limits concurrent functions ("Lambda quotas", same guide). PostgreSQL computes for a request no
longer than the request waits, which limits its processors from above. Writes, the gateway's quotas
and the database's disk are left out.
"""

import math
from dataclasses import dataclass

WHOLE_PROCESSOR_MB = 1769
MEMORIES_MB = (512, 1024, 1769)
RATES = (50, 200, 500, 5000)
HEADROOM = 0.7
"""The planned share of busy time, so that bursts find free functions."""
NETWORK_SECONDS = 0.003
"""Assumed for the round trips between function and database in one region, TLS included."""
RUNTIME_CPU_SECONDS = 0.001
"""Assumed for Lambda's runtime: fetching and parsing an event, sending the response."""
DIRECT_CONNECTIONS = 400
"""With more connections than about this, PostgreSQL needs a pooler (RDS Proxy)."""
ACCOUNT_CONCURRENCY = 1000
"""Concurrent functions of an account, of all kinds together, before AWS raises the quota."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request costs a warm function on the measuring machine, in seconds."""

    cpu: float
    waiting: float


@dataclass(frozen=True, slots=True)
class Need:
    """What a rate needs at a memory size.

    `within_quota` is whether an account's usual quota suffices for these functions alone;
    `database_processors` is the most that PostgreSQL can need.
    """

    rate: int
    memory_mb: int
    request_ms: float
    functions: int
    pooler: bool
    within_quota: bool
    database_processors: float


def need(rate: int, memory_mb: int, cost: Cost) -> Need:
    """Return what a rate needs if a processor in AWS is as fast as the one that measured."""
    share = min(1.0, memory_mb / WHOLE_PROCESSOR_MB)
    seconds = (cost.cpu + RUNTIME_CPU_SECONDS) / share + cost.waiting + NETWORK_SECONDS
    concurrent = math.ceil(round(rate * seconds / HEADROOM, 6))
    return Need(
        rate=rate,
        memory_mb=memory_mb,
        request_ms=round(seconds * 1000, 1),
        functions=concurrent,
        pooler=concurrent > DIRECT_CONNECTIONS,
        within_quota=concurrent <= ACCOUNT_CONCURRENCY,
        database_processors=round(rate * cost.waiting, 2),
    )


def needs(cost: Cost) -> list[Need]:
    """Return what each rate needs at each memory size."""
    return [need(rate, memory_mb, cost) for rate in RATES for memory_mb in MEMORIES_MB]
