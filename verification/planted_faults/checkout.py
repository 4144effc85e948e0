"""Temporary copies of the project, so that a fault never touches the working tree."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

_ENVIRONMENTS = (".venv", ".venv-emulator", ".venv-bench")
# Bytecode is written, because compiling everything for each run would take most of its time; and a
# failing example need not be made small.
_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "", "HYPOTHESIS_PROFILE": "without-shrinking"}


def copy_project(root: Path, target: Path) -> Path:
    """Copy every file that git tracks, as it is in the working tree; return the copy's folder.

    The copy is a git repository too, because some tests list the project's files by git. The
    Python environments are links.
    """
    for name in _git(root, "ls-files", "-z").split("\0"):
        if name and (root / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)
    _git(target, "init", "--quiet")
    _git(target, "add", "--all")
    for name in _ENVIRONMENTS:
        if (root / name).exists():
            (target / name).symlink_to((root / name).resolve())
    return target


@contextmanager
def replaced(path: Path, text: str) -> Iterator[None]:
    """Replace a file's text while the block lasts.

    The bytecode is removed each time, because Python takes it for valid as long as the size and the
    second of its source are the same.
    """
    original = path.read_text("utf-8")
    _write(path, text)
    try:
        yield
    finally:
        _write(path, original)


def start_tests(checkout: Path, tests: tuple[str, ...]) -> "subprocess.Popen[str]":
    """Start pytest on some tests of a copy; it stops at the first failure."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=checkout,
        env={**os.environ, **_ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    Path(cache_from_source(str(path))).unlink(missing_ok=True)


def _git(folder: Path, *words: str) -> str:
    command = ["git", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
