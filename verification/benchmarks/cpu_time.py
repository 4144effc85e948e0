"""What work costs a server and all other processes, in CPU time."""

import os
import resource
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from verification.benchmarks.servers import ReadModelServer

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock, of the server's CPU time, and of that of all other processes."""

    clock: float
    server: float
    others: float


def cost_of(server: ReadModelServer, work: Callable[[], object]) -> Cost:
    """Return what the work costs."""
    before = _cpu_of(server), _cpu_of_others(), time.perf_counter()
    work()
    clock = time.perf_counter() - before[2]
    time.sleep(0.5)  # until the server has counted the time of its ended sessions
    return Cost(clock, _cpu_of(server) - before[0], _cpu_of_others() - before[1])


def _cpu_of(server: ReadModelServer) -> float:
    """Return the CPU seconds of the server and of its ended sessions, where /proc exists."""
    with closing(server.connect()) as connection:
        (line, *_) = connection.run(
            "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)"
        )[0]
    try:
        fields = Path(f"/proc/{line}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def _cpu_of_others() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
