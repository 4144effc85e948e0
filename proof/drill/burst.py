"""Writing in a thread of its own, so that a fault can strike in the midst of it."""

import threading
import time
from collections.abc import Callable


class Burst:
    """Begins to write at once; `accepted_at` is the moment when the last was accepted."""

    def __init__(self, write: Callable[[], str]) -> None:
        self._write = write
        self._newest = ""
        self._failure: BaseException | None = None
        self.accepted_at = 0.0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def result(self) -> str:
        """Return the newest entry once all is written; raise what the writing raised."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._newest

    def _run(self) -> None:
        try:
            self._newest = self._write()
        except BaseException as failure:
            self._failure = failure
        self.accepted_at = time.monotonic()
