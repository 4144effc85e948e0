"""Runs a command of the verification to its end."""

import os
import subprocess
import sys
from pathlib import Path

from local.paths import PROJECT


def completed(folder: Path, module: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """Return a finished command, which stored its results in a folder."""
    return subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
