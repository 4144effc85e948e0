"""A world with entries of three days."""

import pytest

from tests.closing.corruptions import LONG_AGO, TODAY
from tests.fixtures.night import YESTERDAY, NightWorld


@pytest.fixture
def traded(night_world: NightWorld) -> NightWorld:
    """Entries of a day long ago, of yesterday and of today; nothing is closed."""
    for day in (LONG_AGO, YESTERDAY, TODAY):
        for account, minor in (("main", 500), ("bank", 300)):
            texts = {"description": f"Pão de {account}", "metadata": {"nsu": f"{minor}"}}
            night_world.sell(f"{day}{account}", day, minor, account=account, **texts)
    return night_world
