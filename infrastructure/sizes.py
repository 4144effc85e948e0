"""The sizes of a stage: its stores, and the requests per second that the gateway admits.

Concurrency and connections are set together: the functions never open more connections than the
database accepts (docs/operations.md has the arithmetic, and a test repeats it).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from infrastructure.functions import FUNCTIONS, Function

# Connections that RDS reserves for itself and for administrators.
SESSIONS_OF_RDS = 5
# The estimate of `python -m verification.benchmarks --only statements` for the slowest texts, also
# where the file is too large and is written again to name days that fit.
SLOWEST_STATEMENT_SECONDS = 10.0
# A preview of 50,000 rows by the estimate of `--only imports`; recording ends with the request's
# time limit of 15 s, and the rows that it has begun.
SLOWEST_IMPORT_SECONDS = 20.0
# How long an entry takes one of the function's calls, at most, while all is well.
ENTRY_SECONDS = 0.04
# While functions are replaced, connections of the old ones stay open for 10 idle minutes.
GENERATIONS = 2


@dataclass(frozen=True, slots=True)
class Throttle:
    """The rate (requests per second) and burst (requests at once) that the gateway admits."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a stage; `network`, `database` and `redis` are parameters of these templates.

    `closings` throttles the closings that merchants start, which use the consolidation's functions;
    `leaves` the pages of leaves and the proofs, which hash hundreds of entries for each request,
    and heads, which list the bucket; `statements` the files of up to 20,000 entries, which take up
    to SLOWEST_STATEMENT_SECONDS; `imports` each of creating, recording and undoing an import;
    `pages` the web pages and their assets, which need no token.
    """

    name: str
    network: Mapping[str, str]
    database: Mapping[str, str]
    redis: Mapping[str, str] | None
    log_days: int
    writes: Throttle
    reads: Throttle
    closings: Throttle
    leaves: Throttle
    statements: Throttle
    imports: Throttle
    pages: Throttle
    readiness: Throttle = Throttle(rate=2, burst=3)

    def concurrency(self, function: Function) -> int | None:
        """Return the reserved concurrency of a function, or None where it has none."""
        return function.small if self.name == "small" else function.large

    @property
    def statement_heads(self) -> Throttle:
        """HEAD of a statement takes as long as GET, and nobody needs it as often."""
        return Throttle(self.statements.rate / 4, max(1, self.statements.burst // 4))

    def sessions(self) -> int:
        """Return the largest number of open connections, those of replaced functions included."""
        held = sum((self.concurrency(function) or 0) * function.sessions for function in FUNCTIONS)
        return GENERATIONS * held + SESSIONS_OF_RDS


SMALL = Size(
    name="small",
    network=MappingProxyType({"WayOut": "ipv6"}),
    database=MappingProxyType(
        {
            "InstanceClass": "db.t4g.micro",
            "TwoZones": "off",
            "StorageGb": "20",
            "StorageAtMostGb": "200",
            "MaxConnections": "130",
            "BackupDays": "7",
        }
    ),
    redis=None,
    log_days=14,
    writes=Throttle(rate=100, burst=100),
    reads=Throttle(rate=100, burst=100),
    closings=Throttle(rate=1, burst=10),
    leaves=Throttle(rate=5, burst=10),
    statements=Throttle(rate=0.3, burst=2),
    imports=Throttle(rate=0.1, burst=2),
    pages=Throttle(rate=20, burst=60),
)
LARGE = Size(
    name="large",
    network=MappingProxyType({"WayOut": "endpoints"}),
    database=MappingProxyType(
        {
            "InstanceClass": "db.m7g.large",
            "TwoZones": "on",
            "StorageGb": "100",
            "StorageAtMostGb": "2000",
            "MaxConnections": "750",
            "BackupDays": "35",
        }
    ),
    redis=MappingProxyType({"NodeType": "cache.t4g.small", "Nodes": "2"}),
    log_days=90,
    writes=Throttle(rate=2000, burst=2000),
    reads=Throttle(rate=500, burst=500),
    closings=Throttle(rate=5, burst=20),
    leaves=Throttle(rate=50, burst=50),
    statements=Throttle(rate=4, burst=12),
    imports=Throttle(rate=1, burst=6),
    pages=Throttle(rate=200, burst=200),
)
SIZES = MappingProxyType({size.name: size for size in (SMALL, LARGE)})
