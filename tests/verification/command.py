"""Runs a command of the project to its end."""

import os
import subprocess
import sys

from local.paths import PROJECT


def completed(
    module: str, *options: str, **variables: object
) -> "subprocess.CompletedProcess[str]":
    """Return a finished command; LIVRO_PROOF among `variables` is the folder of its results."""
    return subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=PROJECT,
        env=os.environ | {name: f"{text}" for name, text in variables.items()},
        capture_output=True,
        text=True,
        check=False,
    )
