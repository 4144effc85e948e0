"""A projection over an empty read model, and the repairer of that read model."""

from collections.abc import Iterator

import pytest

from chalicelib.projection.repairer import Repairer
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import Projection, connections, projection_over


@pytest.fixture
def emptied(emptied_read_model_database: ReadModelDatabase) -> Iterator[Projection]:
    """A projection over a read model that is empty at first, for all merchants at once."""
    projection = projection_over(emptied_read_model_database)
    yield projection
    projection.connections.close()


@pytest.fixture
def repairer(emptied: Projection) -> Iterator[Repairer]:
    """The repairer of the emptied read model."""
    repairer = Repairer(connections(emptied.database))
    yield repairer
    repairer.close()
