"""Fixtures of the checker's tests: the honest month, and the checker over files."""

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import verify
from tests.verify.book import Check, Files, write
from tests.verify.month import honest_month

_honest_month = cache(honest_month)


@pytest.fixture
def month() -> Files:
    """The files of the honest month, for this test alone."""
    return copy.deepcopy(_honest_month())


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Return a function that checks files."""

    def checked(files: Files, *arguments: str) -> tuple[int, list[str]]:
        code = verify.main([*write(files, tmp_path), *arguments])
        return code, capsys.readouterr().out.splitlines()

    return checked


@pytest.fixture
def failures(check: Check) -> Callable[[Files], list[str]]:
    """Return a function that checks wrong files; it returns the lines about what is wrong."""

    def lines(files: Files) -> list[str]:
        code, printed = check(files)
        assert code == 1
        return [line for line in printed if line.startswith("FAILS")]

    return lines
