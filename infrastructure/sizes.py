"""How large a stage is: what its stores are, and how many requests they are let in for.

The numbers that belong together stand together: no more calls run at once than the database takes
connections (docs/operations.md has the arithmetic, a test redoes it).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from infrastructure.functions import FUNCTIONS, Function

# What RDS keeps of max_connections for its own and for the administrator's sessions.
SESSIONS_OF_RDS = 5
# Readiness opens a connection of its own; its throttle lets this many run at once.
SESSIONS_OF_READINESS = 6
# While functions are replaced, what the old ones left open stays until it was idle for 10 minutes.
GENERATIONS = 2


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests a second that the gateway lets through, and how many at once before that."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Size:
    """One size of stage. Parameters are those of the templates of the same name.

    `closings` are the days that merchants close themselves, by the night's own functions.
    """

    name: str
    network: Mapping[str, str]
    database: Mapping[str, str]
    fast_memory: Mapping[str, str] | None
    log_days: int
    writes: Throttle
    reads: Throttle
    closings: Throttle
    readiness: Throttle = Throttle(rate=2, burst=3)

    def concurrency(self, function: Function) -> int | None:
        """Return how many calls of a function run at once; None: what the account has left."""
        return function.small if self.name == "small" else function.large

    def sessions(self) -> int:
        """Return how many connections can be open at most, replaced functions' included."""
        held = sum((self.concurrency(function) or 0) * function.sessions for function in FUNCTIONS)
        return GENERATIONS * (held + SESSIONS_OF_READINESS) + SESSIONS_OF_RDS


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
    fast_memory=None,
    log_days=14,
    writes=Throttle(rate=100, burst=100),
    reads=Throttle(rate=100, burst=100),
    closings=Throttle(rate=1, burst=10),
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
    fast_memory=MappingProxyType({"NodeType": "cache.t4g.small", "Nodes": "2"}),
    log_days=90,
    writes=Throttle(rate=2000, burst=2000),
    reads=Throttle(rate=500, burst=500),
    closings=Throttle(rate=5, burst=20),
)
SIZES = MappingProxyType({size.name: size for size in (SMALL, LARGE)})
