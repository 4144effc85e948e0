"""Which AWS services the application asks, read from its code."""

import ast
from collections.abc import Iterator
from pathlib import Path


class ServiceNameError(Exception):
    """A client is made of a service that only running the code would tell."""


def used_services(application: Path) -> frozenset[str]:
    """Return the services of all `clients.aws("…")` under a folder.

    Raises ServiceNameError for one that is not spelt out: its model would be missing in the bundle,
    and its rights in the function's policy.
    """
    return frozenset(
        service
        for path in sorted(application.rglob("*.py"))
        for service in _services_in(path, ast.parse(path.read_text(encoding="utf-8")))
    )


def _services_in(path: Path, module: ast.Module) -> Iterator[str]:
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and _makes_client(call.func):
            service = call.args[0] if call.args else None
            if not isinstance(service, ast.Constant):
                raise ServiceNameError(
                    f"{path.name}:{call.lineno}: clients.aws() needs the service as a plain string."
                )
            yield str(service.value)


def _makes_client(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "aws"
        and isinstance(function.value, ast.Name)
        and function.value.id == "clients"
    )
