"""Make the Python environments, and make them again when what is pinned has changed.

Runs before anything is installed, so with the standard library only: `python3 -m local.setup`.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.paths import (
    BENCH_ENVIRONMENT,
    EMULATOR_ENVIRONMENT,
    ENVIRONMENT,
    FUNCTION_LIBRARIES,
    PROJECT,
)

PIP = ["--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
SECONDS_BETWEEN_NEWS = 5.0


@dataclass(frozen=True)
class Installation:
    """A set of pinned packages and where it goes."""

    title: str
    environment: Path
    requirements: tuple[str, ...]
    folder: Path | None = None  # None: the environment itself

    @property
    def stamp(self) -> Path:
        """Where the fingerprint of what was installed is kept."""
        return (self.folder or self.environment) / ".installed"


TOOLS = (
    Installation("tests and tools", ENVIRONMENT, ("requirements-dev.txt", "requirements.txt")),
)
EMULATOR = (
    Installation("the AWS emulator", EMULATOR_ENVIRONMENT, ("requirements-emulator.txt",)),
    Installation(
        "the functions' libraries", EMULATOR_ENVIRONMENT, ("requirements.txt",), FUNCTION_LIBRARIES
    ),
)

BENCH = (
    Installation(
        "the peers of the benchmarks",
        BENCH_ENVIRONMENT,
        ("requirements-bench.txt", "requirements.txt"),
    ),
)


def main() -> int:
    """Bring every environment up to what the requirements files pin; say so if it takes time.

    The benchmarks' own is made only where the command line says `bench`.
    """
    wanted = (TOOLS, EMULATOR, BENCH) if "bench" in sys.argv[1:] else (TOOLS, EMULATOR)
    with _alone():
        try:
            with ThreadPoolExecutor() as at_once:
                list(at_once.map(_bring_all_up_to_date, wanted))
        except (subprocess.CalledProcessError, OSError) as problem:
            print(f"The environment could not be made: {problem}", file=sys.stderr)
            return 1
    return 0


@contextmanager
def _alone() -> Iterator[None]:
    with (PROJECT / "Makefile").open() as door, _flock(door.fileno()):
        yield


@contextmanager
def _flock(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _bring_all_up_to_date(installations: tuple[Installation, ...]) -> None:
    for installation in installations:
        _bring_up_to_date(installation)


def _bring_up_to_date(installation: Installation) -> None:
    wanted = _fingerprint(installation)
    if installation.stamp.exists() and installation.stamp.read_text() == wanted:
        return
    started = time.monotonic()
    _tell(f"Installing {installation.title} (once) …")
    _make_environment(installation.environment)
    if installation.folder is not None:
        shutil.rmtree(installation.folder, ignore_errors=True)
    _install(installation)
    installation.stamp.write_text(wanted)
    _tell(f"  {installation.title}: done in {time.monotonic() - started:.0f} s")


def _fingerprint(installation: Installation) -> str:
    digest = hashlib.sha256(f"{sys.version} {PROJECT}".encode())
    for name in installation.requirements:
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def _make_environment(environment: Path) -> None:
    if _serves(environment):
        return
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=False)
    if made.returncode != 0:
        raise OSError(f"`{sys.executable} -m venv` failed; a complete Python 3.11+ is needed")


def _serves(environment: Path) -> bool:
    """Say whether the environment is there, has pip, and is of the Python that runs this."""
    python = environment / "bin" / "python"
    question = [str(python), "-c", "import pip, sys; print(sys.version)"]
    if not python.exists():
        return False
    answer = subprocess.run(question, capture_output=True, text=True, check=False)
    return answer.stdout.strip() == sys.version.strip()


def _install(installation: Installation) -> None:
    python = str(installation.environment / "bin" / "python")
    target = [] if installation.folder is None else ["--target", str(installation.folder)]
    command = [python, "-m", "pip", "install", *PIP, *target]
    command += ["-r", str(PROJECT / installation.requirements[0])]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT
    ) as pip:
        last_lines = _report(pip, installation)
    if pip.returncode != 0:
        _tell("".join(last_lines))
        raise subprocess.CalledProcessError(pip.returncode, command)


def _pinned(name: str) -> int:
    return sum("==" in line for line in (PROJECT / name).read_text().splitlines())


def _report(pip: "subprocess.Popen[str]", installation: Installation) -> "deque[str]":
    matches, expected = 0, sum(map(_pinned, installation.requirements))
    result = time.monotonic()
    last_lines: deque[str] = deque(maxlen=30)
    for line in pip.stdout or ():
        last_lines.append(line)
        matches += line.startswith(("Collecting ", "Requirement already satisfied"))
        if line.startswith("Installing collected packages"):
            _tell(f"  {installation.title}: all fetched, unpacking …")
        elif time.monotonic() - result > SECONDS_BETWEEN_NEWS:
            result = time.monotonic()
            _tell(
                f"  {installation.title}: {min(matches, expected)} of {expected} packages fetched …"
            )
    return last_lines


def _tell(news: str) -> None:
    print(news, file=sys.stderr, flush=True)  # standard output belongs to the command itself


if __name__ == "__main__":
    sys.exit(main())
