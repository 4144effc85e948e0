"""The highest rate that is carried: a way up in steps, then halving between carried and not."""

from collections.abc import Callable

from verification.load.arrivals import Told

BEARABLE_LOSS = 0.001
_STEP = 1.5
_HALVINGS = 3
MOST = 20_000.0


def is_carried(told: Told) -> bool:
    """Say whether a run lost no more than one request in a thousand."""
    return told.loss <= BEARABLE_LOSS


def highest(trial: Callable[[float], Told], known: float, most: float = MOST) -> float:
    """Return the highest rate whose trial was carried; `known` is one to begin with.

    Where not even that is carried, the way goes down instead. Nothing above `most` is tried.
    """
    low, high = known, known * _STEP
    if not is_carried(trial(known)):
        while low > 1 and not is_carried(trial(low / _STEP)):
            low /= _STEP
        low, high = low / _STEP, low
    while high <= most and is_carried(trial(high)):
        low, high = high, high * _STEP
    if high > most:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_carried(trial(middle)) else (low, middle)
    return low
