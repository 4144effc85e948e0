"""The sizes of a stage: its stores, and the requests per second that the gateway admits.

Concurrency and connections are set together: the functions never open more connections than the
database accepts (docs/operations.md has the arithmetic, and a test repeats it). So are concurrency
and throttles: the entries, reads and pages that the gateway admits at once may also run at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from infrastructure.functions import FUNCTIONS, PROJECTOR

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

    A size without `needs_reservations` may be deployed to an account whose concurrency is too low
    for them. `ranges_at_once` is how many ranges of merchants a night consolidates in parallel;
    on a large stage it leaves calls to the runs that merchants start.
    `closings` throttles the closings that merchants start, which use the consolidation's
    functions; `leaves` the pages of leaves and the proofs, which hash hundreds of entries for each
    request, and heads, which list the bucket; `statements` the files of up to 20,000 entries, which
    take up to SLOWEST_STATEMENT_SECONDS; `imports` each of creating, recording and undoing an
    import; `pages` each web page, and their assets, of which a page has five; `public` each other
    method that needs no token.
    """

    name: str
    network: Mapping[str, str]
    database: Mapping[str, str]
    redis: Mapping[str, str] | None
    needs_reservations: bool
    log_days: int
    ranges_at_once: int
    writes: Throttle
    reads: Throttle
    closings: Throttle
    leaves: Throttle
    statements: Throttle
    imports: Throttle
    pages: Throttle
    readiness: Throttle = Throttle(rate=2, burst=3)
    public: Throttle = Throttle(rate=10, burst=6)

    def reservations(self, shards: int = 0) -> dict[str, int]:
        """Return the reserved concurrency of functions by name, for a stream of this many shards.

        Lambda projects one batch of each shard at a time, so the projector may need more calls than
        its table says; it gets as many as the database accepts connections for.
        """
        small = self.name == "small"
        table = {part.name: part.small if small else part.large for part in FUNCTIONS}
        reserved = {name: calls for name, calls in table.items() if calls is not None}
        spare = int(self.database["MaxConnections"]) - _sessions(reserved)
        calls = reserved[PROJECTOR]
        reserved[PROJECTOR] = max(calls, min(shards, calls + max(0, spare) // GENERATIONS))
        return reserved

    @property
    def statement_heads(self) -> Throttle:
        """HEAD of a statement takes as long as GET, and nobody needs it as often."""
        return Throttle(self.statements.rate / 4, max(1, self.statements.burst // 4))

    def sessions(self, shards: int = 0) -> int:
        """Return the largest number of open connections, those of replaced functions included."""
        return _sessions(self.reservations(shards))


def _sessions(reserved: Mapping[str, int]) -> int:
    held = sum(reserved.get(function.name, 0) * function.sessions for function in FUNCTIONS)
    return GENERATIONS * held + SESSIONS_OF_RDS


SMALL = Size(
    name="small",
    network=MappingProxyType({"WayOut": "ipv6"}),
    database=MappingProxyType(
        {
            # IAM authentication needs 300 to 1,000 MiB of free memory (RDS user guide, its
            # limitations), which db.t4g.micro (1 GiB) does not have.
            "InstanceClass": "db.t4g.small",
            "SharedBuffers": "32768",
            "TwoZones": "off",
            "StorageGb": "20",
            "StorageAtMostGb": "200",
            "MaxConnections": "136",
            "BackupDays": "7",
        }
    ),
    redis=None,
    needs_reservations=False,
    log_days=14,
    ranges_at_once=8,
    writes=Throttle(rate=50, burst=8),
    reads=Throttle(rate=80, burst=8),
    closings=Throttle(rate=1, burst=10),
    leaves=Throttle(rate=5, burst=10),
    statements=Throttle(rate=0.3, burst=2),
    imports=Throttle(rate=0.1, burst=2),
    pages=Throttle(rate=10, burst=5),
)
LARGE = Size(
    name="large",
    network=MappingProxyType({"WayOut": "endpoints"}),
    database=MappingProxyType(
        {
            "InstanceClass": "db.m7g.large",
            "SharedBuffers": "262144",
            "TwoZones": "on",
            "StorageGb": "100",
            "StorageAtMostGb": "2000",
            "MaxConnections": "780",
            "BackupDays": "35",
        }
    ),
    redis=MappingProxyType({"NodeType": "cache.t4g.small", "Nodes": "2"}),
    needs_reservations=True,
    log_days=90,
    ranges_at_once=12,
    writes=Throttle(rate=2000, burst=80),
    reads=Throttle(rate=500, burst=80),
    closings=Throttle(rate=5, burst=20),
    leaves=Throttle(rate=50, burst=50),
    statements=Throttle(rate=4, burst=12),
    imports=Throttle(rate=1, burst=6),
    pages=Throttle(rate=200, burst=25),
)
SIZES = MappingProxyType({size.name: size for size in (SMALL, LARGE)})
