"""POST /v1/entries while other processes write statements, as other instances do in Lambda.

As a command, it writes the largest statement again and again, until its parent ends it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import quantiles
from typing import TypeAlias

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


def post_seconds(rounds: int) -> tuple[float, float]:
    """Return the 95th percentile of a POST's seconds: alone, and beside statements.

    Both are measured in turns, and of each the best round counts, because other programs disturb
    the others. No store takes part.
    """
    alone, beside = [], []
    with _writers() as writers:
        for _ in range(rounds):
            _send(writers, signal.SIGSTOP)
            alone.append(_post_seconds())
            _send(writers, signal.SIGCONT)
            beside.append(_post_seconds())
    return min(alone), min(beside)


def _post_seconds() -> float:
    import app

    wiring.override(INSTANT)
    seconds = []
    with on_cores(first):
        for event in [post_entry() for _ in range(_POSTS)]:
            started = time.perf_counter()
            app.app(event, CONTEXT)
            seconds.append(time.perf_counter() - started)
    wiring.reset()
    return quantiles(seconds, n=20)[-1]


@contextmanager
def _writers() -> Iterator[list[Writer]]:
    """Start processes that write statements from the read model that the settings name."""
    with on_cores(others):
        command = [sys.executable, "-m", "verification.benchmarks.beside_statements"]
        writers = [
            subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE) for _ in range(AT_ONCE)
        ]
    try:
        for writer in writers:
            if not (writer.stderr and writer.stderr.readline()):
                raise RuntimeError("A process that should write statements ended.")
        yield writers
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def _send(writers: list[Writer], number: int) -> None:
    for writer in writers:
        writer.send_signal(number)


def _write_statements() -> None:
    from verification.benchmarks.statement_files import read_statement

    parent, started = os.getppid(), time.monotonic()
    with silence_logs():
        while os.getppid() == parent and time.monotonic() - started < _LONGEST_SECONDS:
            read_statement("pdf")
            os.write(sys.stderr.fileno(), b"written\n")


if __name__ == "__main__":
    _write_statements()
