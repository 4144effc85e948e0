"""A command rejects nonsense in a sentence, before it starts anything."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.verification.command import completed
from verification.commands import at_least, existing_folder, new_file, positive


@pytest.mark.parametrize(
    ("command", "options", "code", "message"),
    [
        ("verification", "--folder /gone", 2, "--folder: there is no folder '/gone'"),
        ("verification.benchmarks", "--entries 0", 2, "--entries: must be 1 or more, and is '0'"),
        ("verification.benchmarks.cold_start", "--rounds 0", 2, "--rounds: must be 1 or more"),
        ("verification.fault_injection", "--kills -1", 2, "--kills: must be 1 or more"),
        ("verification.load", "--seconds 0", 2, "--seconds: must be a number above 0"),
        ("verification.page_views", "--entries -1", 2, "--entries: must be 1 or more"),
        ("verification.statement_limits", "--entries 10", 2, "--entries: must be 150,000 or more"),
        ("verification.screenshots", "--only [", 2, "--only: '[' is not a pattern"),
        ("verification.screenshots", "--all README.md", 1, "no pictures can be written: "),
        ("verification.bank_samples", "/gone", 2, "folder: there is no folder '/gone'"),
        ("verification.bank_samples", "docs", 1, "the expectations cannot be read: "),
        ("verification.bank_fuzz", "--files -1", 2, "--files: must be 1 or more"),
        ("infrastructure.cost", "nonsense", 2, "unrecognized arguments: nonsense"),
        ("infrastructure.deployer", "nonsense", 2, "unrecognized arguments: nonsense"),
        ("local.setup", "nonsense", 2, "there is no nonsense; choose from bench and pages"),
        ("deploy", "rebuild trial padaria --parts 2", 1, "--parts is for all merchants"),
    ],
)
def test_nonsense_is_named_before_the_start(
    command: str, options: str, code: int, message: str
) -> None:
    ended = completed(command, *options.split())
    assert (ended.returncode, ended.stdout) == (code, "")
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        (at_least(1), "1", 1),
        (at_least(150_000), "150000", 150_000),
        (positive, "0.5", 0.5),
        (existing_folder, "docs", Path("docs")),
        (new_file, "docs/new.json", Path("docs/new.json")),
    ],
)
def test_good_words_are_values(kind: Callable[[str], Any], word: str, value: Any) -> None:
    assert kind(word) == value


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (at_least(1), ["0", "-1", "1.5", "x", "", "\u0661"]),
        (positive, ["0", "-1", "nan", "inf", "x"]),
        (existing_folder, ["gone", "README.md"]),
        (new_file, ["gone/new.json", "docs"]),
    ],
)
def test_other_words_are_rejected(kind: Callable[[str], Any], words: list[str]) -> None:
    for word in words:
        with pytest.raises(ArgumentTypeError, match=re.escape(repr(word))):
            kind(word)
