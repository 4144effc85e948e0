"""The page on operations agrees with templates and tables."""

import re
from pathlib import Path

import pytest

from infrastructure.functions import FUNCTIONS
from infrastructure.sizes import GENERATIONS, SESSIONS_OF_RDS, SIZES
from tests.infrastructure.templates import only_on_aws, template

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("name", ["foundation", "network", "database", "redis"])
def test_resources_without_emulation_are_listed(name: str) -> None:
    listed = PAGE.split("### What no emulator has run")[1]
    missing = {
        resource for resource in only_on_aws(template(name)) if f"`{resource}`" not in listed
    }
    assert missing == set()


@pytest.mark.parametrize("size", SIZES)
def test_connection_arithmetic_is_correct(size: str) -> None:
    (row,) = re.findall(rf"^\| {size} \| .*\|$", PAGE, re.MULTILINE)
    stage = SIZES[size]
    reserved = stage.reservations()
    held = sum(reserved.get(function.name, 0) * function.sessions for function in FUNCTIONS)
    total = f"{GENERATIONS} × {held} + {SESSIONS_OF_RDS}"
    assert f"= {held} |" in row
    assert f"{total} = {stage.sessions()} | {stage.database['MaxConnections']} |" in row


def test_functions_outside_network_are_named() -> None:
    outside = [f"`{function.name}`" for function in FUNCTIONS if not function.in_network]
    assert all(name in PAGE for name in outside)
