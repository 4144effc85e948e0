"""Writing in a thread of its own, so that a fault can strike in the midst of it."""

import threading
import time
from collections.abc import Callable


class Burst:
    """Begins to write at once, and then waits until what was written is shown, if it is told how.

    `lag_seconds` is how long after the last was accepted it was shown.
    """

    def __init__(
        self, write: Callable[[], str], await_shown: Callable[[str], object] | None = None
    ) -> None:
        self._write, self._await_shown = write, await_shown
        self._newest = ""
        self._failure: BaseException | None = None
        self.lag_seconds = 0.0
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
            accepted_at = time.monotonic()
            if self._await_shown is not None:
                self._await_shown(self._newest)
                self.lag_seconds = time.monotonic() - accepted_at
        except BaseException as failure:
            self._failure = failure
