"""Fixtures of the tests of logs and traces."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Return the log lines since the last call; standard error must be empty."""

    def read() -> list[dict[str, Any]]:
        printed = capsys.readouterr()
        assert printed.err == ""
        return [json.loads(line) for line in printed.out.splitlines()]

    return read
