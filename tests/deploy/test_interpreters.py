"""What is shipped is compiled by the version of Python that the functions run."""

import sys
from pathlib import Path

import pytest

from deploy import up
from deploy.interpreters import THIS, InterpreterMissingError, find_interpreter
from deploy.up import Deployment
from infrastructure.stages import PYTHONS, load

ANOTHER = next(version for version in PYTHONS if version != THIS.runtime.removeprefix("python"))


def program(folder: Path, output: str) -> str:
    """Return the path of a program that prints this, as Python prints its version."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{output}\n")
    path.chmod(0o755)
    return str(path)


def test_this_python_serves_its_own_version() -> None:
    version = "{}.{}".format(*sys.version_info)
    python = find_interpreter(version, which=lambda _name: pytest.fail("searched"))
    assert (python.path, python.runtime) == (sys.executable, f"python{version}")
    assert python.cache_tag == sys.implementation.cache_tag


def test_another_version_is_searched_by_name(tmp_path: Path) -> None:
    path = program(tmp_path, f"echo {ANOTHER}")
    python = find_interpreter(ANOTHER, {f"python{ANOTHER}": path}.get)
    assert (python.path, python.runtime) == (path, f"python{ANOTHER}")
    assert python.cache_tag == f"cpython-{ANOTHER.replace('.', '')}"


@pytest.mark.parametrize("output", [None, "echo not installed >&2; exit 127", "echo 2.7"])
def test_missing_version_is_named(output: str | None, tmp_path: Path) -> None:
    path = None if output is None else program(tmp_path, output)
    with pytest.raises(InterpreterMissingError, match=f"there is no python{ANOTHER} here"):
        find_interpreter(ANOTHER, lambda _name: path)


def test_missing_version_stops_before_any_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(version: str) -> None:
        raise InterpreterMissingError(version)

    monkeypatch.setattr(up, "find_interpreter", missing)
    untouched: list[str] = []
    no_aws: object = None  # any call of it would be another error
    deployment = Deployment(load("trial"), no_aws, untouched.append, None, None)  # type: ignore[arg-type]
    with pytest.raises(InterpreterMissingError, match=r"3\.13"):
        up.bring_up(deployment)
    assert untouched == []
