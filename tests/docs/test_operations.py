"""What the page on operations says of deploying is what the templates and tables say."""

import re
from pathlib import Path

import pytest

from infrastructure.functions import FUNCTIONS
from infrastructure.sizes import GENERATIONS, SESSIONS_OF_RDS, SESSIONS_OF_READINESS, SIZES
from tests.infrastructure.templates import only_on_aws, template

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("name", ["foundation", "network", "database", "redis"])
def test_what_the_emulator_is_spared_is_listed(name: str) -> None:
    listed = PAGE.split("### What no emulator has run")[1]
    missing = {one for one in only_on_aws(template(name)) if f"`{one}`" not in listed}
    assert missing == set()


@pytest.mark.parametrize("size", SIZES)
def test_the_arithmetic_of_connections_is_redone(size: str) -> None:
    (row,) = re.findall(rf"^\| {size} \| .*\|$", PAGE, re.MULTILINE)
    stage = SIZES[size]
    held = sum((stage.concurrency(function) or 0) * function.sessions for function in FUNCTIONS)
    total = f"{GENERATIONS} × ({held} + {SESSIONS_OF_READINESS}) + {SESSIONS_OF_RDS}"
    assert f"= {held} |" in row
    assert f"{total} = {stage.sessions()} | {stage.database['MaxConnections']} |" in row


def test_who_stands_outside_the_network_is_named() -> None:
    outside = [f"`{function.name}`" for function in FUNCTIONS if not function.in_network]
    assert all(one in PAGE for one in outside)
