"""Shapes of JSON values: which names they hold, without the values that differ in every run."""

import json
import re
from functools import reduce
from typing import Any

_VARIABLE = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "{uuid}",
    r"\b[0-9a-f]{64}\b": "{root}",
    r"\b0[0-9a-v]{31}\b": "{import_id}",
    r"\b[a-z2-7]{32}\b": "{entry_id}",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}": "{day}",
    r"[0-9]{10}": "{sequence}",
    r"\b[a-z]+-bakery\b": "{merchant}",
}
_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}


class Shapes(dict[str, Any]):
    """Shapes by name."""

    def add(self, name: str, part: Any) -> None:
        """Let the shape of this name cover another one too."""
        self[name] = _merged(self.get(name), part)


def pattern(text: str) -> str:
    """Return a text with its ids, days, numbers and merchants replaced by placeholders."""
    for variable, placeholder in _VARIABLE.items():
        text = re.sub(variable, placeholder, text)
    return text


def shape(value: Any) -> Any:
    """Return the names and types of a JSON value; a list has one shape that covers its items."""
    if isinstance(value, dict):
        return reduce(_merged, ({pattern(name): shape(value[name])} for name in value), {})
    if isinstance(value, list):
        return [reduce(_merged, map(shape, value), None)]
    return _TYPES[type(value)]


def flattened(value: Any, path: str = "") -> set[str]:
    """Return one line for each leaf: its path and its text, so that two values are compared."""
    if isinstance(value, dict) and value:
        return set().union(*(flattened(part, f"{path}/{name}") for name, part in value.items()))
    if isinstance(value, list) and value:
        # The position of a text in a list is not part of its name.
        numbers = ("*" if isinstance(part, str) else n for n, part in enumerate(value))
        parts = zip(numbers, value, strict=True)
        return set().union(*(flattened(part, f"{path}/{n}") for n, part in parts))
    return {f"{path} = {json.dumps(value)}"}


def _merged(left: Any, right: Any) -> Any:
    """Return a shape that covers two; leaves of several types become `a|b`."""
    if isinstance(left, dict) and isinstance(right, dict):
        return {name: _merged(left.get(name), right.get(name)) for name in left | right}
    if isinstance(left, list) and isinstance(right, list):
        return [_merged(left[0], right[0])]
    if left is None or right is None or left == right:
        return right if left is None else left
    if not isinstance(left, str) or not isinstance(right, str):
        # An object or list that is sometimes null keeps its names, which are what matters.
        return right if isinstance(left, str) else left
    return "|".join(sorted({*left.split("|"), *right.split("|")}))
