"""Consumers of the service under test: the laptop cloud, or a deployment named by LIVRO_BASE_URL.

Against a deployment every token comes from LIVRO_TOKEN_<NAME>: VIEWER, OPERATOR, ACCOUNTANT, RIVAL,
and those that tokens.py names.
"""

import os

import pytest

from tests.acceptance.consumer import Consumer
from tests.acceptance.tokens import (
    FORBIDDEN,
    NOT_AUTHENTICATED,
    OF_ONE_SCOPE,
    MadeUp,
    made_on_laptop,
)
from tests.fixtures.service import Service


@pytest.fixture(scope="session")
def operator(laptop_cloud: Service) -> Consumer:
    """Who reads and records for the demo merchant."""
    return Consumer(laptop_cloud.base_url, laptop_cloud.token("operator"))


@pytest.fixture(scope="session")
def viewer(laptop_cloud: Service) -> Consumer:
    """Who only reads for the demo merchant."""
    return Consumer(laptop_cloud.base_url, laptop_cloud.token("viewer"))


@pytest.fixture(scope="session")
def accountant(laptop_cloud: Service) -> Consumer:
    """Who also closes for the demo merchant."""
    return Consumer(laptop_cloud.base_url, laptop_cloud.token("accountant"))


@pytest.fixture(scope="session")
def rival(laptop_cloud: Service) -> Consumer:
    """An accountant of another merchant."""
    return Consumer(laptop_cloud.base_url, laptop_cloud.token("rival"))


@pytest.fixture(scope="session")
def anybody(laptop_cloud: Service) -> Consumer:
    """Who has no token."""
    return Consumer(laptop_cloud.base_url, None)


@pytest.fixture(scope="session")
def refused(laptop_cloud: Service) -> MadeUp:
    """Tokens that must be refused, by name."""
    if laptop_cloud.paths is None:
        names = (*NOT_AUTHENTICATED, *FORBIDDEN, *OF_ONE_SCOPE)
        return {name: os.environ[f"LIVRO_TOKEN_{name.upper()}"] for name in names}
    return made_on_laptop(laptop_cloud.paths, laptop_cloud.token("accountant"))
