"""Rare garbage collections while a ledger is read.

The items of a page are freed by their reference counts. To look for cycles among their attributes,
a hundred times a page, takes a tenth of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (200_000, 10, 10)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles about once in each few pages inside the block, or in a decorated function.

    The threshold is the whole process's, so blocks of several threads must not overlap.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
