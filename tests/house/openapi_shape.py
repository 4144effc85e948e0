"""The OpenAPI document without its texts, operation ids and schema names: what must not change."""

import hashlib
import json
from functools import reduce
from typing import Any

_TEXTS = {"summary", "description", "title", "operationId", "example", "examples"}
# Below these, the keys are names of the contract and never keywords of OpenAPI.
_MAPS_OF_NAMES = {"properties", "patternProperties", "headers", "responses", "paths", "content"}
_LONGEST_INLINE = 60


def openapi_shape(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with references inlined; what is long is listed once, by a digest.

    So renaming, splitting or inlining a schema component changes nothing: a digest is that of the
    content alone.
    """
    schemes = {"securitySchemes": document["components"]["securitySchemes"]}
    plain = _plain({**document, "components": schemes}, document)
    shared: dict[str, Any] = {}
    return {**plain, "paths": _shared(plain["paths"], shared), "by digest": shared}


def _plain(value: Any, document: dict[str, Any], is_map: bool = False) -> Any:
    if isinstance(value, list):
        return [_plain(part, document) for part in value]
    if not isinstance(value, dict):
        return value
    if is_map:
        return {name: _plain(part, document) for name, part in value.items()}
    if "$ref" in value:
        path = value["$ref"].removeprefix("#/").split("/")
        target = reduce(lambda place, name: place[name], path, document)
        beside = {name: part for name, part in value.items() if name != "$ref"}
        return _plain(target | beside, document)
    return {
        name: _ordered(name, _plain(part, document, name in _MAPS_OF_NAMES))
        for name, part in value.items()
        if name not in _TEXTS
    }


def _ordered(name: str, part: Any) -> Any:
    if name in ("required", "tags") and isinstance(part, list):
        return sorted(part)
    if name == "parameters":
        return sorted(part, key=lambda parameter: (parameter["in"], parameter["name"]))
    return part


def _shared(value: Any, shared: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_shared(part, shared) for part in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, part in value.items():
        if name in ("schema", "headers"):
            result[name] = _digest(part, shared)
        else:
            inner = _shared(part, shared)
            result[name] = _digest(inner, shared) if name.isdecimal() else inner  # a status
    return result


def _digest(part: Any, shared: dict[str, Any]) -> Any:
    text = json.dumps(part, sort_keys=True)
    if len(text) <= _LONGEST_INLINE:
        return part
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    shared[digest] = part
    return digest
