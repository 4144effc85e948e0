"""Many scenarios in several processes: their counts in all, and which seeds failed."""

import hashlib
import os
import signal
import threading
import traceback
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.resource_tracker import ensure_running

from verification.simulation.mutants import mutations, planted
from verification.simulation.scenario import ScenarioResult, Twist, run_scenario
from verification.simulation.stores.ledger_requests import UnknownRequestError
from verification.simulation.violations import InvariantError

AT_ONCE = 20
SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


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
    """Run the seeds; yield the running total after each.

    Close the generator to end its processes early.
    """
    total = Outcome()
    ensure_running()  # when it starts, it lets signals through again
    with ExitStack() as stack:
        # A signal that arrives while the workers start would leave them without their parent.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            pool = stack.enter_context(get_context("spawn").Pool(workers, _begin_worker))
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        for outcome in pool.imap(partial(outcome_of, mutant=mutant), seeds, AT_ONCE):
            total.add(outcome)
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


def outcome_of(seed: int, mutant: str | None, *twists: Twist) -> Outcome:
    """Return the outcome of one scenario; an error that violates no invariant is a failure, too."""
    try:
        result = run_seed(seed, mutant, *twists)
    except InvariantError as violation:
        return Outcome(1, failures={seed: str(violation)})
    except (Exception, UnknownRequestError):
        return Outcome(1, failures={seed: traceback.format_exc()})
    return Outcome(1, result.counts, digests={seed: result.digest})


def _begin_worker() -> None:
    """Let the parent end this worker, and end with the parent.

    A Ctrl-C reaches all processes of a terminal; only the parent reacts, and ends the others.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS - {signal.SIGINT})
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
