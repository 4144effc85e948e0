"""A projection over an empty read model, and the repairer of that read model."""

from collections.abc import Iterator

import pytest

from chalicelib.projection.repairer import Repairer
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import (
    PATIENT,
    Projection,
    WarmConnections,
    connections,
    projection_with,
)


@pytest.fixture
def emptied(
    emptied_read_model_database: ReadModelDatabase, warm_connections: WarmConnections
) -> Projection:
    """A projection over a read model that is empty at first, for all merchants at once."""
    opened = warm_connections(emptied_read_model_database, "livro_projector", PATIENT)
    return projection_with(opened, emptied_read_model_database)


@pytest.fixture
def repairer(emptied: Projection) -> Iterator[Repairer]:
    """The repairer of the emptied read model."""
    repairer = Repairer(connections(emptied.database))
    yield repairer
    repairer.close()
