"""Runs Chalice's commands in a copy of the application, and detects failures that exit with 0."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.paths import PROJECT

BUNDLE = "deployment.zip"
PROGRAM = "deploy.reproducible_chalice"
# Chalice prints this, and exits with 0, for a bundle without its libraries.
_BROKEN = "Could not install dependencies"


class ChaliceCommandError(RuntimeError):
    """A command of Chalice failed; the message is Chalice's output."""


def package(
    folder: Path,
    stage: str,
    merge_template: Path,
    output: Path,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Write a stage's CloudFormation template and bundle into `output`.

    Raises ChaliceCommandError.
    """
    formats = ["--pkg-format", "cloudformation", "--template-format", "json"]
    merged = ["--merge-template", str(merge_template.absolute())]
    arguments = ["package", "--stage", stage, *formats, *merged, str(output.absolute())]
    # Packaging calls no service, but Chalice does not start without a region.
    run(folder, arguments, environment={"AWS_DEFAULT_REGION": "us-east-1", **environment})


def run(
    folder: Path,
    arguments: list[str],
    report: Callable[[str], None] = lambda _line: None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Run a command of Chalice in `folder`, and report each line of its output.

    Raises ChaliceCommandError, also where Chalice claims success for a broken bundle.
    """
    # Chalice ships all files of the folder, so importing the application must not add bytecode.
    clean = {**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", PROGRAM, *arguments]
    lines = []
    with subprocess.Popen(
        command, cwd=folder, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as chalice:
        for line in chalice.stdout or ():
            lines.append(line)
            report(line.rstrip())
    if chalice.returncode != 0 or any(_BROKEN in line for line in lines):
        raise ChaliceCommandError(f"chalice {arguments[0]} failed:\n{''.join(lines)}")
