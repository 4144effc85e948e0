"""The commands of `make`: their list, and their messages for missing parameters."""

import re
import subprocess

import pytest

from local.paths import PROJECT


def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_every_command() -> None:
    listed = re.findall(r"^make ([a-z-]+) ", make().stdout, re.MULTILINE)
    declared = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    assert ["help", "setup", *listed] == declared[1].split()
    assert len(listed) <= 17


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("deploy", "No stage is given; the stages are: production, trial."),
        ("rehearse", "No stage is given; the stages are: production, trial."),
        ("destroy", "No stage is given; the stages are: production, trial."),
        ("import", "Say which file: make import FILE=extrato.ofx ACCOUNT=bank."),
        ("close-day", "Say which day: make close-day DAY=2026-11-22."),
    ],
)
def test_missing_parameter_is_named(command: str, message: str) -> None:
    completed = make(command)
    assert completed.returncode != 0
    assert completed.stderr.splitlines()[0] == message
    assert "usage" not in completed.stderr
