"""Cache what a process creates once: settings, clients, connections, the ports of a package."""

from collections.abc import Callable
from functools import _lru_cache_wrapper, cache
from typing import Any, TypeVar

Made = TypeVar("Made")
_caches: "list[_lru_cache_wrapper[Any]]" = []


def once(make: Callable[..., Made]) -> "_lru_cache_wrapper[Made]":
    """Decorate a function whose result the process reuses, once per combination of arguments."""
    cached = cache(make)
    _caches.append(cached)
    return cached


def reset() -> None:
    """Forget every result, so that the next call reads the environment again; for tests."""
    for cached in _caches:
        cached.cache_clear()
