"""What all commands of this package share: arguments, signals, exit codes, child commands."""

import argparse
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from local.paths import PROJECT
from local.signals import SignalReceivedError, signals_as_exceptions, signals_deferred


class VerificationError(Exception):
    """A command cannot go on; the message is a sentence for the user."""


def run_command(main: Callable[[], int], when_interrupted: str) -> int:
    """Run a command's main function and return the exit code.

    A signal ends it with one line and 130, a VerificationError with its sentence and 1. The main
    function imports what takes long, so that this also holds while modules are loaded.
    """
    try:
        with signals_as_exceptions():
            return main()
    except SignalReceivedError as received:
        progress(f"Interrupted by {received}: {when_interrupted}")
        return 130
    except VerificationError as error:
        progress(f"Error: {error}")
        return 1


def at_least(least: int) -> Callable[[str], int]:
    """Return the type of an argument that is a whole number from `least` on."""

    def number(word: str) -> int:
        if not (word.isascii() and word.isdecimal()) or int(word) < least:
            raise argparse.ArgumentTypeError(f"must be {least:,} or more, and is {word!r}")
        return int(word)

    return number


def positive(word: str) -> float:
    """Return the number above zero that an argument is."""
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0, and is {word!r}")
    return number


def existing_folder(word: str) -> Path:
    """Return the path of the folder that an argument names."""
    path = Path(word)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {word!r}")
    return path


def new_file(word: str) -> Path:
    """Return the path of a file that a command will write at its end."""
    path = Path(word)
    if not path.parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"{word!r} cannot be written; name a file of a folder")
    return path


def progress(line: str) -> None:
    """Print a line of progress on standard error."""
    print(line, file=sys.stderr, flush=True)


def run_child(command: Sequence[str], output: "IO[str] | int", errors: "IO[str] | None") -> int:
    """Run another command in the project's folder, in its own process group; return its exit code.

    When the wait is interrupted, the child is terminated and awaited before the interruption goes
    on.
    """
    child = None
    try:
        with signals_deferred():
            child = subprocess.Popen(
                command, cwd=PROJECT, stdout=output, stderr=errors, start_new_session=True
            )
        return child.wait()
    except BaseException:
        if child is not None:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()
        raise
