"""When, where and at which commit something was measured."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.paths import PROJECT


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """The context of measured figures; `commit` ends in + where tracked files were changed."""

    date: str
    commit: str
    machine: str
    python: str


def run_metadata() -> RunMetadata:
    """Return the metadata of this run; the commit is "unknown" in a copy without its history."""
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return RunMetadata(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=(_git("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if changed else ""),
        machine=_machine(),
        python=platform.python_version(),
    )


def _git(*words: str) -> str:
    try:
        command = ["git", "-C", str(PROJECT), *words]
        completed = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return completed.stdout.strip()


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    model = next(models, platform.machine())
    return f"{os.cpu_count()} × {model}, {memory:.0f} GB, {platform.system()}"
