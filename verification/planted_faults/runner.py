"""Plants faults in copies of the project, two at a time, and runs the tests that must fail."""

import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from signal import SIGINT
from subprocess import Popen, TimeoutExpired
from typing import NamedTuple

from verification.planted_faults.checkout import copy_project, replaced, start_tests
from verification.planted_faults.faults import ROOT, Fault, FaultError, faulty_text

WORKERS = 2
LONGEST_RUN_SECONDS = 300
_PASSED, _FAILED = 0, 1
_FAILED_TEST = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
Report = Callable[[str], None]


class SurvivorError(Exception):
    """All tests of a fault passed although the fault was planted."""


class _StoppedError(Exception):
    """Another run failed first, so this one was ended."""


class PytestRun(NamedTuple):
    """How a run of pytest ended: its exit code, its output, and its seconds."""

    exit_code: int
    output: str
    seconds: float


class Checkouts:
    """Copies of the project, each used by one run at a time; `stop` ends the runs."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            self._free.put(copy_project(root, folder / str(number)))
        self._running: set[Popen[str]] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    @contextmanager
    def with_fault(self, fault: Fault | None) -> Iterator[Path]:
        """Reserve a copy and plant a fault in it, if any; the text is restored afterwards."""
        checkout = self._free.get()
        try:
            if fault is None:
                yield checkout
                return
            with replaced(checkout / fault.file, faulty_text(fault, checkout)):
                yield checkout
        finally:
            self._free.put(checkout)

    def run(self, checkout: Path, tests: tuple[str, ...]) -> PytestRun:
        """Run tests in a copy. Raises FaultError when they take longer than five minutes."""
        started = time.monotonic()
        with self._lock:
            if self._is_stopped:
                raise _StoppedError
            tests_process = start_tests(checkout, tests)
            self._running.add(tests_process)
        try:
            output, _ = tests_process.communicate(timeout=LONGEST_RUN_SECONDS)
        except TimeoutExpired:
            tests_process.kill()
            raise FaultError(
                f"{' '.join(tests)} did not end within {LONGEST_RUN_SECONDS} s."
            ) from None
        finally:
            with self._lock:
                self._running.discard(tests_process)
        if self._is_stopped:
            raise _StoppedError
        return PytestRun(tests_process.returncode, output, time.monotonic() - started)

    def stop(self) -> None:
        """End the runs in progress, and let no other begin."""
        with self._lock:
            self._is_stopped = True
            for tests_process in self._running:
                tests_process.send_signal(SIGINT)  # pytest stops its stores then


def run_faults(faults: Sequence[Fault], report: Report, root: Path = ROOT) -> None:
    """Check that the tests pass as they are, and that they fail with each fault in turn.

    Reports one line for each run. Raises SurvivorError at the first fault that no test detects,
    and FaultError when a fault cannot be judged: it does not apply, its tests fail without it,
    pytest ends with a code other than 0 or 1, or the faulty module cannot even be imported.
    """
    for fault in faults:
        faulty_text(fault, root)
    packages = sorted({fault.package for fault in faults})
    with tempfile.TemporaryDirectory(prefix="planted-faults-") as folder:
        checkouts = Checkouts(root, Path(folder))
        unchanged = [partial(_passing, checkouts, package, faults) for package in packages]
        _run_all(checkouts, unchanged, report)
        _run_all(checkouts, [partial(_killed, checkouts, fault) for fault in faults], report)


def _run_all(checkouts: Checkouts, runs: Sequence[Callable[[], str]], report: Report) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        pending = [pool.submit(run) for run in runs]
        try:
            for number, run in enumerate(as_completed(pending), 1):
                report(f"{number:3}/{len(runs)}  {run.result()}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            checkouts.stop()
            raise


def _passing(checkouts: Checkouts, package: str, faults: Sequence[Fault]) -> str:
    sets = {fault.tests for fault in faults if fault.package == package}
    tests = tuple(sorted({test for one_set in sets for test in one_set}))
    with checkouts.with_fault(None) as checkout:
        ended = checkouts.run(checkout, tests)
    if ended.exit_code != _PASSED:
        raise FaultError(
            f"The tests of the package {package} must pass without a fault, and ended with exit "
            f"code {ended.exit_code}:\n{ended.output}"
        )
    return f"{ended.seconds:5.1f} s  pass without a fault: {package}"


def _killed(checkouts: Checkouts, fault: Fault) -> str:
    with checkouts.with_fault(fault) as checkout:
        ended = checkouts.run(checkout, fault.tests)
    if ended.exit_code == _PASSED:
        raise SurvivorError(
            f'The fault "{fault.name}" ({fault.file}) survived: {", ".join(fault.tests)} '
            "passed with it."
        )
    if ended.exit_code != _FAILED or "ERROR collecting" in ended.output:
        raise FaultError(
            f'With "{fault.name}" pytest could not run the tests (exit code {ended.exit_code}):\n'
            f"{ended.output}"
        )
    test = _FAILED_TEST.search(ended.output)
    killer = test.group(1) if test else "a test"
    return f"{ended.seconds:5.1f} s  killed: {fault.name} ({killer})"
