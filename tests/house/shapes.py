"""Shapes of JSON values: which names they hold, without the values that differ in every run."""

import json
import re
from collections.abc import Iterable
from typing import Any

_VARIABLE = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "{uuid}"),
    (re.compile(r"\b[a-z2-7]{32}\b"), "{entry_id}"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "{day}"),
    (re.compile(r"[0-9]{10}"), "{sequence}"),
)
_WIDTH = 100


def pattern(text: str, merchants: Iterable[str] = ()) -> str:
    """Return a text with its ids, days, numbers and merchants replaced by placeholders."""
    for merchant in merchants:
        text = text.replace(merchant, "{merchant}")
    for variable, placeholder in _VARIABLE:
        text = variable.sub(placeholder, text)
    return text


def shape(value: Any) -> Any:
    """Return the names and types of a JSON value; a list has the merged shape of its items."""
    if isinstance(value, dict):
        return merged(({pattern(str(name)): shape(part)} for name, part in value.items()), {})
    if isinstance(value, list):
        return [merged((shape(item) for item in value), None)]
    names = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}
    return names[type(value)]


def merged(shapes: Iterable[Any], start: Any = None) -> Any:
    """Return one shape that covers all of them; leaves of several types become `a|b`."""
    result = start
    for part in shapes:
        result = part if result is None else _merge(result, part)
    return result


def _merge(left: Any, right: Any) -> Any:
    if isinstance(left, dict) and isinstance(right, dict):
        names = sorted(left.keys() | right.keys())
        return {name: _merge(left.get(name), right.get(name)) for name in names}
    if isinstance(left, list) and isinstance(right, list):
        return [_merge(left[0], right[0])]
    if left is None or right is None or left == right:
        return right if left is None else left
    if not isinstance(left, str) or not isinstance(right, str):
        # An object or list that is sometimes null keeps its names, which are what matters.
        return right if isinstance(left, str) else left
    return "|".join(sorted({*left.split("|"), *right.split("|")}))


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


def written(value: Any, indent: int = 0) -> str:
    """Return sorted JSON for reading: a value that fits into a line stays on it."""
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(line) + indent <= _WIDTH - 20 or not isinstance(value, dict | list):
        return line
    pad = " " * (indent + 1)
    if isinstance(value, list) and not any(isinstance(part, dict | list) for part in value):
        return f"[\n{_filled(value, pad)}\n{pad[1:]}]"
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + written(v, indent + 1) for v in value) + f"\n{pad[1:]}]"
    parts = (f"{pad}{json.dumps(n)}: {written(value[n], indent + 1)}" for n in sorted(value))
    return "{\n" + ",\n".join(parts) + f"\n{pad[1:]}}}"


def _filled(values: list[Any], pad: str) -> str:
    lines = [pad]
    for number, value in enumerate(values):
        text = json.dumps(value, ensure_ascii=False) + ("," if number < len(values) - 1 else "")
        if len(lines[-1]) + len(text) > _WIDTH and lines[-1] != pad:
            lines.append(pad)
        lines[-1] += text if lines[-1] == pad else f" {text}"
    return "\n".join(lines)
