"""Collections are rare while a ledger is read, and as before when nobody reads one."""

import gc
from contextlib import suppress

from chalicelib.projection.garbage_collection import RARELY, rare_collections


def test_failed_block_restores_the_threshold() -> None:
    usual = gc.get_threshold()
    with suppress(ZeroDivisionError), rare_collections():
        assert gc.get_threshold() == RARELY
        1 / 0  # noqa: B018
    assert gc.get_threshold() == usual
