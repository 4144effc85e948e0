"""A JSON value of a merchant under a name, with its version."""

from typing import Any, NamedTuple


class StoredValue(NamedTuple):
    """A JSON value under its name, and how often it was replaced."""

    name: str
    value: Any
    version: int
