"""botocore's models of AWS services, trimmed to the operations that the functions call.

A process reads a service's whole model to create its first client. DynamoDB's has 57 operations, of
which the functions call seven, and most of it is documentation.
"""

import ast
import gzip
import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Model = dict[str, Any]
Operations = Mapping[str, Collection[str]]
"""By service, the names of its operations and errors, as its model has them."""
_DOCUMENTATION = frozenset({"documentation", "documentationUrl"})


class ServiceNameError(Exception):
    """The service of a client is not a literal; the message names the line."""


def used_operations(application: Path) -> dict[str, frozenset[str]]:
    """Return what the modules under a folder use of the services of all `clients.aws("…")`.

    An operation counts as used where an attribute or a text has its name, as in `client.put_item`
    and `client.get_paginator("query")`, and an error where an attribute has: too many rather than
    too few. Raises ServiceNameError for a service that is not a literal: the bundle would lack its
    model, and the function's policy its permissions.
    """
    from botocore import xform_name
    from botocore.session import get_session

    modules = {path: ast.parse(path.read_text()) for path in sorted(application.rglob("*.py"))}
    words = {word for module in modules.values() for word in _words(module)}
    services = {name for path, module in modules.items() for name in _services(path, module)}
    session = get_session()
    used = {}
    for service in sorted(services):
        model = session.get_service_model(service)
        operations = {name for name in model.operation_names if xform_name(name) in words}
        errors = {shape.name for shape in model.error_shapes}
        used[service] = frozenset(operations | (errors & words))
    return used


def trim_models(models: Path, used: Operations) -> None:
    """Trim the models under botocore's folder `models` to the operations that are used.

    Only the newest version of each service stays. Models are stored as plain JSON, because the
    bundle is compressed as a whole.
    """
    for service, names in used.items():
        *earlier, newest = sorted(path for path in (models / service).iterdir() if path.is_dir())
        for path in earlier:
            shutil.rmtree(path)
        for path in [*newest.glob("service-2.json*"), *newest.glob("endpoint-rule-set-1.json*")]:
            model = _read(path)
            path.unlink()
            if "operations" in model:
                model = trimmed(model, names)
            text = json.dumps(_without_documentation(model), separators=(",", ":"))
            path.with_name(path.name.removesuffix(".gz")).write_text(text)


def trimmed(model: Model, names: Collection[str]) -> Model:
    """Return a service model with the operations and errors `names`, and the shapes they need."""
    operations = {name: part for name, part in model["operations"].items() if name in names}
    errors = {name for name, part in model["shapes"].items() if part.get("exception")}
    needed: set[str] = set()
    waiting = [*_shapes_in(operations), *errors.intersection(names)]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _shapes_in(model["shapes"][name])
    shapes = {name: part for name, part in model["shapes"].items() if name in needed}
    return {**model, "operations": operations, "shapes": shapes}


def _words(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _services(path: Path, module: ast.Module) -> Iterator[str]:
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "clients.aws":
            service = call.args[0] if call.args else None
            if not isinstance(service, ast.Constant):
                raise ServiceNameError(
                    f"{path.name}:{call.lineno}: clients.aws() needs the service as a literal."
                )
            yield str(service.value)


def _shapes_in(part: Any) -> Iterator[str]:
    values: Iterable[Any] = part if isinstance(part, list) else ()
    if isinstance(part, dict):
        values = part.values()
        if isinstance(part.get("shape"), str):
            yield part["shape"]
    for value in values:
        yield from _shapes_in(value)


def _without_documentation(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_documentation(value) for value in part]
    if not isinstance(part, dict):
        return part
    # A structure may have a member of this name, too, whose value is not a text.
    return {
        name: _without_documentation(value)
        for name, value in part.items()
        if not (name in _DOCUMENTATION and isinstance(value, str))
    }


def _read(path: Path) -> Model:
    content = path.read_bytes()
    model: Model = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return model
