"""When, where and of which commit something was measured."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.paths import PROJECT


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a reader must know beside the figures; `commit` ends in + where files were changed."""

    date: str
    commit: str
    machine: str
    python: str


def circumstances() -> Circumstances:
    """Return the circumstances of this run."""
    return Circumstances(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=_commit(),
        machine=_machine(),
        python=platform.python_version(),
    )


def _commit() -> str:
    # A copy without its history is measured too.
    result = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return (result or "unknown") + ("+" if changed else "")


def _git(*words: str) -> str:
    request = ["git", "-C", str(PROJECT), *words]
    try:
        ran = subprocess.run(request, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return ran.stdout.strip()


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {_processor()}, {memory:.0f} GB, {platform.system()}"


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
