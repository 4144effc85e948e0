"""Failures of Chalice's commands, also those that exit with 0."""

import sys
from pathlib import Path

import pytest

from deploy import chalice_cli
from deploy.chalice_cli import ChaliceCommandError


def test_error_has_chalices_output(tmp_path: Path) -> None:
    with pytest.raises(ChaliceCommandError, match="chalice package failed"):
        chalice_cli.run(tmp_path, ["package", "out"])


def test_broken_bundle_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Exits with 0, as Chalice does when it cannot install a library.
    (tmp_path / "python").write_text("#!/bin/sh\necho Could not install dependencies:\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    lines: list[str] = []
    with pytest.raises(ChaliceCommandError, match="Could not install dependencies"):
        chalice_cli.run(tmp_path, ["package", "out"], lines.append)
    assert lines == ["Could not install dependencies:"]
