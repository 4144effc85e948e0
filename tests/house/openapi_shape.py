"""The OpenAPI document without its texts, operation ids and schema names: what must not change."""

import hashlib
import json
from typing import Any

_TEXTS = {"summary", "description", "title", "operationId", "example", "examples"}
# Below these, the keys are names of the contract and never keywords of OpenAPI.
_MAPS_OF_NAMES = {"properties", "patternProperties", "headers", "responses", "paths", "content"}
_LISTS_WITHOUT_ORDER = {"required", "tags"}
_LONGEST_INLINE = 60


def openapi_shape(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with references inlined; what is long is listed once, by a digest.

    So renaming, splitting or inlining a schema component changes nothing: a digest is that of the
    content alone.
    """
    schemes = {"securitySchemes": document["components"]["securitySchemes"]}
    plain = _plain({**document, "components": schemes}, document)
    shared: dict[str, Any] = {}
    plain["paths"] = _shared(plain["paths"], shared)
    return {**plain, "by digest": shared}


def _plain(value: Any, document: dict[str, Any], is_map: bool = False) -> Any:
    if isinstance(value, list):
        return [_plain(item, document) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value and not is_map:
        beside = {name: part for name, part in value.items() if name != "$ref"}
        return _plain({**_target(value["$ref"], document), **beside}, document)
    names = value if is_map else [name for name in value if name not in _TEXTS]
    return {name: _ordered(name, value[name], document, is_map) for name in names}


def _ordered(name: str, part: Any, document: dict[str, Any], in_map: bool) -> Any:
    plain = _plain(part, document, not in_map and name in _MAPS_OF_NAMES)
    if not in_map and name in _LISTS_WITHOUT_ORDER and isinstance(plain, list):
        return sorted(plain)
    if not in_map and name == "parameters":
        return sorted(plain, key=lambda parameter: (parameter["in"], parameter["name"]))
    return plain


def _target(reference: str, document: dict[str, Any]) -> dict[str, Any]:
    target: Any = document
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    return dict(target)


def _shared(value: Any, shared: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_shared(item, shared) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, part in value.items():
        if name in ("schema", "headers"):
            result[name] = _digest(part, shared)
        elif name == "responses":
            responses = _shared(part, shared)
            result[name] = {status: _digest(responses[status], shared) for status in responses}
        else:
            result[name] = _shared(part, shared)
    return result


def _digest(part: Any, shared: dict[str, Any]) -> Any:
    text = json.dumps(part, sort_keys=True)
    if len(text) <= _LONGEST_INLINE:
        return part
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    shared[digest] = part
    return digest
