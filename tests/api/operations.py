"""The operations of the OpenAPI document."""

from typing import Any

import pytest

import app
from chalicelib.api.openapi.document import Operation, build, operations_of

DOCUMENT = build(app.app.routes)
OPERATIONS = list(operations_of(app.app.routes))
EACH_OPERATION = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: operation.endpoint.name
)


def described(operation: Operation) -> dict[str, Any]:
    """Return what the document says of an operation."""
    result: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return result
