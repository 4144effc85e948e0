"""POST /v1/entries while other processes are busy, as other instances in Lambda are.

As a command, it writes the largest statement (or, named `imports`, previews a bank file) again and
again, until its parent ends it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from statistics import quantiles
from typing import TypeAlias

from chalicelib.bank_files.errors import MAX_ROWS
from chalicelib.commands import wiring
from local.paths import PROJECT
from verification.benchmarks.events import CONTEXT, post_entry
from verification.benchmarks.handlers import INSTANT
from verification.benchmarks.rounds import silence_logs

AT_ONCE = 4
_POSTS = 500
_LONGEST_SECONDS = 300
Writer: TypeAlias = "subprocess.Popen[bytes]"


@contextmanager
def on_cores(choose: Callable[[set[int]], set[int]]) -> Iterator[None]:
    """Run this thread, and what it starts, on chosen cores, where the system allows that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, choose(cores) or cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def first(cores: set[int]) -> set[int]:
    """Return one core, for what is measured."""
    return {min(cores)}


def others(cores: set[int]) -> set[int]:
    """Return the other cores, if there are any."""
    return cores - first(cores)


def post_seconds(rounds: int, size: int, work: str = "statements") -> tuple[float, float]:
    """Return the 95th percentile of a POST's seconds: alone, and beside that work of others.

    `size` limits the number of requests in a round, and of the rows of a bank file.

    Both are measured in turns, and of each the best round counts, because other programs disturb
    the others. No store takes part.
    """
    alone, beside = [], []
    with _writers(work, size) as writers:
        for _ in range(rounds):
            _send(writers, signal.SIGSTOP)
            alone.append(_post_seconds(size))
            _send(writers, signal.SIGCONT)
            beside.append(_post_seconds(size))
    return min(alone), min(beside)


def _post_seconds(size: int) -> float:
    import app

    wiring.override(INSTANT)
    seconds = []
    with on_cores(first):
        for event in [post_entry() for _ in range(min(_POSTS, size))]:
            started = time.perf_counter()
            app.app(event, CONTEXT)
            seconds.append(time.perf_counter() - started)
    wiring.reset()
    return quantiles(seconds, n=20)[-1]


@contextmanager
def _writers(work: str, size: int) -> Iterator[list[Writer]]:
    """Start processes that work with the read model that the settings name."""
    with on_cores(others):
        module = "verification.benchmarks.beside_statements"
        command = [sys.executable, "-m", module, work, str(size)]
        writers = [
            subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE) for _ in range(AT_ONCE)
        ]
    try:
        for writer in writers:
            if not (writer.stderr and writer.stderr.readline()):
                raise RuntimeError(f"A process that should be busy with {work} ended.")
        yield writers
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def _send(writers: list[Writer], number: int) -> None:
    for writer in writers:
        writer.send_signal(number)


def _work(name: str, size: int) -> None:
    from verification.benchmarks.import_files import preview
    from verification.benchmarks.instant_aws import instant_aws
    from verification.benchmarks.statement_files import read_statement

    parent, started = os.getppid(), time.monotonic()
    with silence_logs(), instant_aws() if name == "imports" else nullcontext():
        while os.getppid() == parent and time.monotonic() - started < _LONGEST_SECONDS:
            preview(min(MAX_ROWS, size)) if name == "imports" else read_statement("pdf")
            os.write(sys.stderr.fileno(), b"done\n")


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]))
