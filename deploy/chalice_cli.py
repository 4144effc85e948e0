"""Chalice's commands, run in a staged copy, and believed only when they worked."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.paths import PROJECT

BUNDLE = "deployment.zip"
TEMPLATE = "sam.json"
ANY_REGION = "us-east-1"
# Said with exit code 0, of a bundle that lacks libraries.
_BROKEN = "Could not install dependencies"


class ChaliceCommandError(Exception):
    """Chalice did not do what it was told; the message is its own."""


def package(folder: Path, stage: str, merge_template: Path, output: Path) -> None:
    """Write the stage's CloudFormation template and bundle into `output`; raise ChaliceCommandError."""
    formats = ["--pkg-format", "cloudformation", "--template-format", "json"]
    merged = ["--merge-template", str(merge_template.absolute())]
    words = ["package", "--stage", stage, *formats, *merged, str(output.absolute())]
    # It asks nobody, and yet does not start without a region.
    run(folder, words, environment={"AWS_DEFAULT_REGION": ANY_REGION, **os.environ})


def run(
    folder: Path,
    words: list[str],
    tell: Callable[[str], None] = lambda _line: None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Run one of Chalice's commands in `folder`, telling each line that it says.

    Raises ChaliceCommandError with what it said, also where it reports success and shipped less.
    """
    # What lies in the folder is shipped, so nothing may be left there by importing it.
    quiet = {**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "deploy.reproducible_chalice", *words]
    said = []
    with subprocess.Popen(
        command, cwd=folder, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as chalice:
        for line in chalice.stdout or ():
            said.append(line)
            tell(line.rstrip())
    if chalice.returncode != 0 or any(_BROKEN in line for line in said):
        raise ChaliceCommandError(f"chalice {words[0]} failed:\n{''.join(said)}")
