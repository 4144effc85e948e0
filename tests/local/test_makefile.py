"""The commands of the project, as make tells and runs them."""

import re
import subprocess

import pytest

from local.paths import PROJECT


def make(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_every_command() -> None:
    listed = re.findall(r"^make ([a-z-]+) ", make().stdout, re.MULTILINE)
    declared = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    assert listed == declared[1].split()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("deploy", "Say which stage: STAGE=production or STAGE=trial."),
        ("destroy", "Say which stage: STAGE=production or STAGE=trial."),
        ("close-day", "Say which day: make close-day DAY=2026-11-22."),
    ],
)
def test_a_command_that_lacks_a_word_says_which(command: str, sentence: str) -> None:
    result = make(command)
    assert result.returncode != 0
    assert result.stderr.splitlines()[0] == sentence
    assert "usage" not in result.stderr


def test_token_asks_for_the_named_user_and_for_the_operator_otherwise() -> None:
    assert "token viewer" in make("-n", "token", "USER=viewer").stdout
    assert "token nobody" in make("-n", "token", "USER=nobody").stdout
    assert "token operator" in make("-n", "token").stdout
