"""Requests due at moments fixed in advance, their latencies, and the highest rate without loss."""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from verification.thresholds import HIGHEST_LOSS

LATEST_SECONDS = 1.0
"""A response that comes later than this after its request was due counts as lost."""
MOST_RATE = 20_000.0
_STEP = 1.5
_HALVINGS = 3

Send = Callable[[int], bool]
"""Sends request number n; returns whether the response was right."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The requests of one run; latencies are in milliseconds from the moment when due."""

    rate: float
    seconds: float
    requests: int
    lost: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    longest_ms: float

    @property
    def is_carried(self) -> bool:
        """Whether at most one request in a thousand was lost."""
        return self.lost <= HIGHEST_LOSS * self.requests


def arrival_times(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the moments at which requests are due, in seconds from the start.

    The gaps are exponential, as those of independent clients are (a Poisson process): sometimes
    many requests come at once, which equal gaps would hide.
    """
    chance = random.Random(seed)
    moments, now = [], chance.expovariate(rate)
    while now < seconds:
        moments.append(now)
        now += chance.expovariate(rate)
    return moments


def offer(moments: Sequence[float], senders: Sequence[Send], rate: float) -> LoadResult:
    """Send each request when it is due, or as soon as a sender is free.

    Each sender has a thread and sends one request at a time: the next one due.
    """
    queue = _Queue(moments)
    threads = [threading.Thread(target=queue.serve, args=(send,)) for send in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return summary(rate, moments[-1] if moments else 0.0, queue.latencies)


def summary(rate: float, seconds: float, latencies: Sequence[float]) -> LoadResult:
    """Return the summary of latencies in seconds; an infinite one had no right response."""
    ordered = sorted(latencies)
    return LoadResult(
        rate=rate,
        seconds=round(seconds, 1),
        requests=len(ordered),
        lost=sum(latency > LATEST_SECONDS for latency in ordered),
        p50_ms=_milliseconds(ordered, 0.50),
        p90_ms=_milliseconds(ordered, 0.90),
        p99_ms=_milliseconds(ordered, 0.99),
        longest_ms=_milliseconds(ordered, 1.0),
    )


def highest(trial: Callable[[float], LoadResult], known: float, most: float = MOST_RATE) -> float:
    """Return the highest rate whose trial is carried, from `known` on up to `most`.

    It goes up (or, if `known` is not carried, down) in steps, and then halves the interval.
    """
    low, high = known, known * _STEP
    if not trial(known).is_carried:
        while low > 1 and not trial(low / _STEP).is_carried:
            low /= _STEP
        low, high = low / _STEP, low
    while high <= most and trial(high).is_carried:
        low, high = high, high * _STEP
    if high > most:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if trial(middle).is_carried else (low, middle)
    return low


class _Queue:
    """The requests of one run, handed out in order."""

    def __init__(self, moments: Sequence[float]) -> None:
        self._moments = moments
        self._numbers: Iterator[int] = iter(range(len(moments)))
        self._lock = threading.Lock()
        self._started = time.monotonic() + 0.05
        self.latencies: list[float] = []

    def serve(self, send: Send) -> None:
        while (number := self._next()) is not None:
            due = self._started + self._moments[number]
            time.sleep(max(0.0, due - time.monotonic()))
            is_right = send(number)
            latency = time.monotonic() - due if is_right else math.inf
            self.latencies.append(latency)  # list.append is atomic

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)


def _milliseconds(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    index = min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))
    # A lost request has no latency, and JSON no infinity.
    return round(min(ordered[index], 10 * LATEST_SECONDS) * 1000, 1)
