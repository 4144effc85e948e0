"""Rare garbage collections while a ledger is read.

The items of a page are freed by their reference counts. To look for cycles among their attributes,
a hundred times a page, takes a tenth of the time.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (200_000, 10, 10)
_LOCK = threading.Lock()
_usual: list[tuple[int, int, int]] = []
"""The threshold to return to, once for each block that is under way: it is the whole process's."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles about once in each few pages inside the block, or in a decorated function.

    Where blocks of several threads overlap, the last one to end restores what was before the first.
    """
    with _LOCK:
        _usual.append(_usual[0] if _usual else gc.get_threshold())
        gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        with _LOCK:
            usual = _usual.pop()
            if not _usual:
                gc.set_threshold(*usual)
