"""Create the Python environments, and update them when the pinned packages have changed.

Uses the standard library only, because no package is installed yet: `python3 -m local.setup`.
"""

import argparse
import fcntl
import hashlib
import importlib.util
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

from local import page_tools
from local.page_tools import PageToolsError
from local.paths import (
    BENCH_ENVIRONMENT,
    EMULATOR_ENVIRONMENT,
    ENVIRONMENT,
    FUNCTION_LIBRARIES,
    PROJECT,
)

PIP = ["--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
SECONDS_BETWEEN_REPORTS = 5.0
VENV_MISSING = (
    "This Python cannot create virtual environments, because {module} is missing: "
    "run `apt install python3-venv` (Debian, Ubuntu), or choose another one by `make PYTHON=…`."
)

INTERRUPTED = "Interrupted; run the same command again to continue."


class SetupError(Exception):
    """An environment could not be created; the message says why."""


@dataclass(frozen=True)
class Installation:
    """A set of pinned packages, and the environment or folder for it."""

    title: str
    environment: Path
    requirements: tuple[str, ...]
    folder: Path | None = None  # None: the environment itself

    @property
    def stamp(self) -> Path:
        """The file with the fingerprint of what was installed."""
        return (self.folder or self.environment) / ".installed"


TOOLS = (
    Installation("tests and tools", ENVIRONMENT, ("requirements-dev.txt", "requirements.txt")),
)
PAGES = (
    Installation(
        "the pages' tests", ENVIRONMENT, ("requirements-pages.txt",), page_tools.LIBRARIES
    ),
)
EMULATOR = (
    Installation("the AWS emulator", EMULATOR_ENVIRONMENT, ("requirements-emulator.txt",)),
    Installation(
        "the functions' libraries", EMULATOR_ENVIRONMENT, ("requirements.txt",), FUNCTION_LIBRARIES
    ),
)
BENCH = (
    Installation(
        "the benchmarks' other libraries",
        BENCH_ENVIRONMENT,
        ("requirements-bench.txt", "requirements.txt"),
    ),
)


def main() -> int:
    """Bring every environment up to date; report progress while packages are installed.

    The benchmarks' environment is created only for `python -m local.setup bench`, and what tests
    the pages only for `python -m local.setup pages`.
    """
    parser = argparse.ArgumentParser(prog="python3 -m local.setup", description=__doc__)
    parser.add_argument("wanted", nargs="*", help="what else to install: bench, pages")
    wanted = parser.parse_args().wanted
    if unknown := set(wanted) - {"bench", "pages"}:  # `choices` would reject no words at all
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose from bench and pages")
    tools = (*TOOLS, *PAGES) if "pages" in wanted else TOOLS
    environments = (tools, EMULATOR, *([BENCH] if "bench" in wanted else []))
    with _lock():
        try:
            with ThreadPoolExecutor() as threads:
                list(threads.map(_update_environment, environments))
            if "pages" in wanted:
                page_tools.install(_report)
        except (SetupError, PageToolsError, OSError, KeyboardInterrupt) as error:
            print(error if str(error) else INTERRUPTED, file=sys.stderr)
            return 1
    return 0


@contextmanager
def _lock() -> Iterator[None]:
    """Let one setup run at a time; the lock ends with the process."""
    with (PROJECT / "Makefile").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _report("Another setup is running in this folder; waiting for its end …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _update_environment(installations: tuple[Installation, ...]) -> None:
    for installation in installations:
        fingerprint = _fingerprint(installation)
        stamp = installation.stamp
        if not stamp.exists() or stamp.read_text() != fingerprint:
            _install(installation)
            stamp.write_text(fingerprint)


def _fingerprint(installation: Installation) -> str:
    digest = hashlib.sha256(f"{sys.version} {PROJECT}".encode())
    for name in installation.requirements:
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def _install(installation: Installation) -> None:
    started = time.monotonic()
    if not _is_usable(installation.environment):
        _create_environment(installation.environment)
    _report(f"Installing {installation.title} (once) …")
    if installation.folder is not None:
        shutil.rmtree(installation.folder, ignore_errors=True)
    _pip_install(installation)
    _report(f"  {installation.title}: done in {time.monotonic() - started:.0f} s")


def _is_usable(environment: Path) -> bool:
    """Return whether the environment exists, has pip, and belongs to the Python that runs this."""
    python = environment / "bin" / "python"
    if not python.exists():
        return False
    command = [str(python), "-c", "import pip, sys; print(sys.version)"]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    return completed.stdout.strip() == sys.version.strip()


def _create_environment(environment: Path) -> None:
    for module in ("venv", "ensurepip"):  # Debian has the second one in a separate package
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise SetupError(VENV_MISSING.format(module=module))
    command = [sys.executable, "-m", "venv", "--clear", str(environment)]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode != 0:
        output = completed.stdout + completed.stderr
        raise SetupError(f"`{' '.join(command)}` failed: {output.strip()}")


def _pip_install(installation: Installation) -> None:
    python = str(installation.environment / "bin" / "python")
    target = [] if installation.folder is None else ["--target", str(installation.folder)]
    requirements = str(PROJECT / installation.requirements[0])
    command = [python, "-m", "pip", "install", *PIP, *target, "-r", requirements]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT
    ) as pip:
        last_lines = _report_progress(pip, installation)
    if pip.returncode != 0:
        raise SetupError(
            f"{''.join(last_lines)}Could not install {installation.title}; see the lines above. "
            "Without a network, set PIP_INDEX_URL to a mirror that this machine can reach."
        )


def _report_progress(pip: "subprocess.Popen[str]", installation: Installation) -> "deque[str]":
    """Report pip's progress every few seconds; return its last lines."""
    files = [(PROJECT / name).read_text() for name in installation.requirements]
    expected = sum(text.count("==") for text in files)
    fetched, reported, is_unpacking = 0, time.monotonic(), False
    last_lines: deque[str] = deque(maxlen=30)
    for line in pip.stdout or ():
        last_lines.append(line)
        fetched += line.startswith(("Collecting ", "Requirement already satisfied"))
        if line.startswith("Installing collected packages"):
            is_unpacking = True
            _report(f"  {installation.title}: all packages fetched, unpacking …")
        elif not is_unpacking and time.monotonic() - reported > SECONDS_BETWEEN_REPORTS:
            reported = time.monotonic()
            count = min(fetched, expected)
            _report(f"  {installation.title}: {count} of {expected} packages fetched …")
    return last_lines


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # standard output belongs to the command itself


if __name__ == "__main__":
    sys.exit(main())
