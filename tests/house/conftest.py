"""The flag that rewrites the snapshots of preserved names; nothing else writes them."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag, which only a run of tests/house alone knows."""
    parser.addoption(
        "--write-preserved-names",
        action="store_true",
        help="write tests/house/*.json from what the project does now, and fail",
    )
