"""Cache what a process creates once: settings, clients, connections, the ports of a package."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

Arguments = TypeVarTuple("Arguments")
Made = TypeVar("Made")
_clearing: list[Callable[[], None]] = []


def once(make: Callable[[*Arguments], Made]) -> Callable[[*Arguments], Made]:
    """Decorate a function whose result the process reuses, once per combination of arguments.

    Other threads wait for the thread that makes it. After an exception, the next call tries again.
    """
    made: dict[tuple[object, ...], Made] = {}
    lock = threading.RLock()

    @wraps(make)
    def made_once(*arguments: *Arguments) -> Made:
        if arguments not in made:  # without the lock, because every request comes here
            with lock:
                if arguments not in made:
                    made[arguments] = make(*arguments)
        return made[arguments]

    _clearing.append(made.clear)
    return made_once


def reset() -> None:
    """Forget every result, so that the next call reads the environment again; for tests."""
    for clear in _clearing:
        clear()
