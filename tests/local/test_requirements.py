"""Every library is pinned, and the functions use the versions that the tests use."""

import re
import sys
from importlib.metadata import version

import pytest

from local.paths import PROJECT

RUNTIME = {"aws-xray-sdk", "botocore", "pg8000", "pydantic", "redis", "tzdata"}


# redis imports it before Python 3.11.3, which has asyncio.timeout; Debian 12 has 3.11.2.
ASYNC_TIMEOUT = 'async-timeout==5.0.1; python_full_version < "3.11.3"'


def pinned(name: str) -> dict[str, str]:
    """Return the pinned version of each package that this Python installs."""
    lines = (PROJECT / name).read_text().splitlines()
    if sys.version_info >= (3, 11, 3):
        lines = [line for line in lines if line != ASYNC_TIMEOUT]
    pins = [line.partition("#")[0].partition(";")[0].strip() for line in lines]
    parts = (pin.split("==") for pin in pins if pin and not pin.startswith("-r "))
    return {package.partition("[")[0]: pinned_version for package, pinned_version in parts}


@pytest.mark.parametrize("name", [path.name for path in PROJECT.glob("requirements*.txt")])
def test_every_line_pins_one_version(name: str) -> None:
    assert pinned(name)
    assert all(re.fullmatch(r"[0-9][\w.]*", number) for number in pinned(name).values())


def test_tests_use_functions_libraries() -> None:
    for name, number in pinned("requirements.txt").items():
        assert version(name) == number
    assert pinned("requirements.txt").keys() >= RUNTIME
    assert "chalice" not in pinned("requirements.txt")
    assert ASYNC_TIMEOUT in (PROJECT / "requirements.txt").read_text().splitlines()


def test_no_version_is_pinned_twice() -> None:
    for more in ("requirements-dev.txt", "requirements-bench.txt"):
        assert not pinned("requirements.txt").keys() & pinned(more).keys()


def test_benchmarks_use_the_tested_versions() -> None:
    tools = pinned("requirements-dev.txt")
    for name, number in pinned("requirements-bench.txt").items():
        assert tools.get(name, number) == number
