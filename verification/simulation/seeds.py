"""Many scenarios in several processes: their counts in all, and which seeds failed."""

import hashlib
import os
import signal
import threading
import traceback
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import active_children, get_context, parent_process

from verification.simulation.mutants import mutations, planted
from verification.simulation.scenario import ScenarioResult, Twist, run_scenario
from verification.simulation.stores.ledger_table import UnknownRequestError
from verification.simulation.violations import InvariantError

AT_ONCE = 20


@dataclass
class Outcome:
    """The counts of scenarios in all; `failures` and `digests` (of traces) are by seed."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of all traces."""
        return hashlib.sha256("".join(self.digests.values()).encode()).hexdigest()

    def add(self, other: "Outcome") -> None:
        """Add another outcome."""
        self.seeds += other.seeds
        self.counts += other.counts
        self.failures |= other.failures
        self.digests |= other.digests


def run(
    seeds: Sequence[int], workers: int, mutant: str | None = None
) -> Generator[Outcome, None, None]:
    """Run the seeds; yield the running total after each batch.

    Close the generator to end its processes early.
    """
    parts = [seeds[start : start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)]
    total = Outcome()
    with _processes(workers) as pool:
        # A Ctrl-C reaches all processes of a terminal; only this one reacts, and ends the others.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            result = [pool.submit(_run_seeds, part, mutant) for part in parts]
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for part in result:
            total.add(part.result())
            yield total


def run_seed(seed: int, mutant: str | None = None, *twists: Twist) -> ScenarioResult:
    """Run one scenario, with a named mutant if there is one; raise InvariantError if it shows."""
    if mutant is None:
        return run_scenario(seed, *twists)
    with planted(mutations()[mutant]) as twist:
        return run_scenario(seed, twist, *twists)


def processors() -> int:
    """Return how many scenarios this machine can run at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes that end with this block, at once if it ends early, and with this process."""
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_end_with_the_parent) as pool:
        try:
            yield pool
        except BaseException:
            for child in active_children():
                child.terminate()
            raise


def _end_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _run_seeds(seeds: Sequence[int], mutant: str | None) -> Outcome:
    outcome = Outcome(seeds=len(seeds))
    for seed in seeds:
        try:
            result = run_seed(seed, mutant)
        except InvariantError as violation:
            outcome.failures[seed] = str(violation)
        except (Exception, UnknownRequestError):
            outcome.failures[seed] = traceback.format_exc()
        else:
            outcome.add(Outcome(0, result.counts, {}, {seed: result.digest}))
    return outcome
