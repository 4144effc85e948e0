"""Every library is pinned, and the functions get the versions that the tests run with."""

import re
from importlib.metadata import version

import pytest

from local.paths import PROJECT

RUNTIME = {"aws-xray-sdk", "boto3", "pg8000", "pydantic", "redis", "tzdata"}


def pinned(name: str) -> dict[str, str]:
    lines = (PROJECT / name).read_text().splitlines()
    words = [line.partition("#")[0].strip() for line in lines]
    pins = (word.split("==") for word in words if word and not word.startswith("-r "))
    return {package.partition("[")[0]: one for package, one in pins}


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-emulator.txt",
        "requirements-bench.txt",
    ],
)
def test_every_line_pins_one_version(name: str) -> None:
    assert pinned(name)
    assert all(re.fullmatch(r"[0-9][\w.]*", one) for one in pinned(name).values())


def test_the_functions_libraries_are_those_that_the_tests_run_with() -> None:
    for name, wanted in pinned("requirements.txt").items():
        assert version(name) == wanted
    assert pinned("requirements.txt").keys() >= RUNTIME
    assert "chalice" not in pinned("requirements.txt")


def test_no_version_is_pinned_twice() -> None:
    for more in ("requirements-dev.txt", "requirements-bench.txt"):
        assert not pinned("requirements.txt").keys() & pinned(more).keys()


def test_the_benchmarks_measure_on_the_versions_that_the_tests_run_with() -> None:
    for name, wanted in pinned("requirements-bench.txt").items():
        assert pinned("requirements-dev.txt").get(name, wanted) == wanted
