"""Requests that are due at moments fixed in advance, and what became of each."""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

PATIENCE_SECONDS = 1.0
"""An answer that comes later than this after its request was due counts as lost."""

Ask = Callable[[int], bool]
"""Sends request number n and says whether it was answered as it should be."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the requests of one run; latencies are in milliseconds from when due."""

    rate: float
    seconds: float
    requests: int
    lost: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    longest_ms: float

    @property
    def loss(self) -> float:
        """The share of requests that were lost."""
        return self.lost / self.requests if self.requests else 0.0


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the moments at which requests are due, in seconds from the start.

    Gaps are exponential, as those of independent askers are (a Poisson process): now and then many
    come at once, which an even beat would hide.
    """
    chance = random.Random(seed)
    moments, now = [], chance.expovariate(rate)
    while now < seconds:
        moments.append(now)
        now += chance.expovariate(rate)
    return moments


def offer(moments: Sequence[float], askers: Sequence[Ask], rate: float) -> Told:
    """Send each request when it is due, or as soon as an asker is free; return what became of all.

    Askers work side by side, one request at a time each. Who is free takes the next one due.
    """
    turn = _Turn(moments)
    threads = [threading.Thread(target=turn.serve, args=(ask,)) for ask in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told(rate, moments[-1] if moments else 0.0, turn.latencies)


def told(rate: float, seconds: float, latencies: Sequence[float]) -> Told:
    """Return the summary of latencies in seconds; infinite ones were never answered rightly."""
    ordered = sorted(latencies)
    return Told(
        rate=rate,
        seconds=round(seconds, 1),
        requests=len(ordered),
        lost=sum(one > PATIENCE_SECONDS for one in ordered),
        p50_ms=_milliseconds(ordered, 0.50),
        p90_ms=_milliseconds(ordered, 0.90),
        p99_ms=_milliseconds(ordered, 0.99),
        longest_ms=_milliseconds(ordered, 1.0),
    )


class _Turn:
    """The requests of one run, handed out in order."""

    def __init__(self, moments: Sequence[float]) -> None:
        self._moments = moments
        self._numbers: Iterator[int] = iter(range(len(moments)))
        self._lock = threading.Lock()
        self._started = time.monotonic() + 0.05
        self.latencies: list[float] = []

    def serve(self, ask: Ask) -> None:
        while (number := self._next()) is not None:
            due = self._started + self._moments[number]
            time.sleep(max(0.0, due - time.monotonic()))
            answered = ask(number)
            latency = time.monotonic() - due if answered else math.inf
            self.latencies.append(latency)  # appending is one step for Python's threads

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)


def _milliseconds(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    at = min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))
    # What was never answered has no latency; in JSON it stands as the end of all patience.
    return round(min(ordered[at], 10 * PATIENCE_SECONDS) * 1000, 1)
