"""Connections that explain each statement of the product before they run it."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from chalicelib.storage.postgres import Connections

MODES = ("force_custom_plan", "force_generic_plan")
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
ROUNDS = 4
"""How often a statement is explained in each mode; the first one also reads the catalogs."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The statements that were sent, the most blocks that they read, and their CPU time at best.

    CPU time, because on a busy machine the time of a clock says more about the other processes.
    """

    sent: tuple[str, ...] = ()
    blocks: int = 0
    milliseconds: float = 0.0

    def plus(self, other: "Reading") -> "Reading":
        """Return the sums of both."""
        return Reading(
            self.sent + other.sent,
            self.blocks + other.blocks,
            self.milliseconds + other.milliseconds,
        )


class Probe:
    """The readings of a role's statements; `taken` is their sum since the last call."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self.connections = Connections(lambda: _Explained(connect(), self._add))
        self._sum = Reading()

    def taken(self) -> Reading:
        """Return the sum of readings since the last time."""
        result, self._sum = self._sum, Reading()
        return result

    def _add(self, reading: Reading) -> None:
        self._sum = self._sum.plus(reading)


class _Explained:
    """A connection of pg8000 to the product; statements without values are not explained."""

    def __init__(self, connection: Any, add: Callable[[Reading], None]) -> None:
        self._connection = connection
        self._add = add
        self._is_in_transaction = False
        self._pid = connection.run("SELECT pg_backend_pid()")[0][0]
        self.close = connection.close
        # Nor does the socket's time limit count here, which the product sets for some statements.
        self._usock = SimpleNamespace(gettimeout=lambda: None, settimeout=lambda _: None)

    def run(self, statements: str) -> None:
        # Settings that the product makes are left out: here, any statement may take its time.
        if statements.startswith(("SET", "RESET")):
            return
        if statements in ("BEGIN", "COMMIT", "ROLLBACK"):
            self._is_in_transaction = statements == "BEGIN"
        else:
            self._add(Reading((statements,)))
        self._connection.run(statements)

    def prepare(self, statement: str) -> "_Prepared":
        return _Prepared(self, statement, self._connection.prepare(statement))

    def explain(self, statement: str, prepared: Any, values: dict[str, Any]) -> None:
        """Add the reading of a statement; what it writes is rolled back."""
        from pg8000.native import literal

        run = self._connection.run
        if "CREATE TEMPORARY TABLE" in statement:  # it has no generic plan
            reading = self._reading(MODES[:1], lambda: run(EXPLAIN + statement, **values))
            self._add(Reading((statement,)).plus(reading))
            return
        listed = ", ".join(literal(value) for value in prepared.make_vals(values))
        call = f"EXECUTE explained ({listed})" if listed else "EXECUTE explained"
        run(f"PREPARE explained AS {prepared.statement}")
        self._add(Reading((statement,)).plus(self._reading(MODES, lambda: run(EXPLAIN + call))))
        run("DEALLOCATE explained")

    def _reading(self, modes: Sequence[str], explain: Callable[[], Any]) -> Reading:
        blocks, times = 0, []
        for mode in modes:
            of_mode = []
            for _ in range(ROUNDS):
                with self._undone():
                    # A parallel plan stays parallel, but its process does all of the work.
                    self._connection.run(
                        f"SET LOCAL plan_cache_mode = {mode}; SET LOCAL max_parallel_workers = 0"
                    )
                    started = _cpu_milliseconds(self._pid)
                    plan = _parsed(explain()[0][0])
                    of_mode.append(_cpu_milliseconds(self._pid) - started)
                blocks = max(blocks, _blocks(plan["Plan"])) if len(of_mode) > 1 else blocks
            times.append(min(of_mode[1:]))
        return Reading((), blocks, max(times))

    @contextmanager
    def _undone(self) -> Iterator[None]:
        first, last = ("BEGIN", "ROLLBACK")
        if self._is_in_transaction:
            first, last = ("SAVEPOINT before", "ROLLBACK TO before")
        self._connection.run(first)
        yield
        self._connection.run(last)


class _Prepared:
    def __init__(self, connection: _Explained, statement: str, prepared: Any) -> None:
        self._connection = connection
        self._statement = statement
        self._prepared = prepared

    def run(self, **values: Any) -> Any:
        self._connection.explain(self._statement, self._prepared, values)
        return self._prepared.run(**values)


def _cpu_milliseconds(pid: int) -> float:
    """Return the CPU time of another process of this machine (clock_getcpuclockid of Linux)."""
    return time.clock_gettime_ns(~pid << 3 | 2) / 1_000_000


def _parsed(plan: Any) -> dict[str, Any]:
    result: dict[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]
    return result


def _blocks(top: dict[str, Any]) -> int:
    """Return the blocks that a plan read.

    Its top node does not include the parts that write and that no other part reads, because they
    run after it.
    """
    nodes = list(_nodes(top))
    scanned = {node.get("CTE Name") for node in nodes if node["Node Type"] == "CTE Scan"}
    apart = [
        node
        for node in nodes
        if node["Node Type"] == "ModifyTable"
        and node.get("Subplan Name", "").startswith("CTE ")
        and node["Subplan Name"].removeprefix("CTE ") not in scanned
    ]
    return sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in (top, *apart))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
