"""A bundle that would not work is not made."""

import sys
from pathlib import Path

import pytest

from deploy import chalice_cli
from deploy.bytecode import BytecodeError, compile_alone, compile_folder
from deploy.chalice_cli import ChaliceCommandError
from deploy.libraries import LibraryInstallError, fingerprint, install


def test_a_library_without_a_wheel_stops_the_bundle(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"nowhere @ file://{tmp_path}/nowhere-1.0.tar.gz\n")
    with pytest.raises(LibraryInstallError, match="could not be installed"):
        install(requirements, tmp_path / "vendor", [])


def test_code_that_does_not_compile_stops_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text("def broken(:\n")
    with pytest.raises(BytecodeError, match="SyntaxError"):
        compile_folder(tmp_path)
    with pytest.raises(BytecodeError, match="SyntaxError"):
        compile_alone(tmp_path / "faulty.py", tmp_path, "faulty.py")


def test_chalices_failure_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ChaliceCommandError, match="chalice package failed"):
        chalice_cli.run(tmp_path, ["package", "out"])


def test_chalices_broken_bundle_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Chalice that says so and exits with 0, as it does about a library that it cannot install.
    (tmp_path / "python").write_text("#!/bin/sh\necho Could not install dependencies:\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    heard: list[str] = []
    with pytest.raises(ChaliceCommandError, match="Could not install dependencies"):
        chalice_cli.run(tmp_path, ["package", "out"], heard.append)
    assert heard == ["Could not install dependencies:"]


def test_what_was_installed_before_serves_as_long_as_nothing_changed(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    before = fingerprint(requirements, ["sqs", "kms"], "arm64")
    assert fingerprint(requirements, ["kms", "sqs"], "arm64") == before
    assert fingerprint(requirements, ["kms"], "arm64") != before
    assert fingerprint(requirements, ["kms", "sqs"], "x86_64") != before
    requirements.write_text("one==2\n")
    assert fingerprint(requirements, ["kms", "sqs"], "arm64") != before
