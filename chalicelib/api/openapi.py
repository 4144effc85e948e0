"""The OpenAPI 3.1 document, made of the route table and of the models that serve."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.api.admission import SCOPES
from chalicelib.api.openapi_answers import HEADERS, answers
from chalicelib.api.openapi_schemas import Schemas
from chalicelib.api.operations import Operation
from chalicelib.api.request_headers import IDEMPOTENCY_KEY

VERSION = "1.0.0"
_SECURITY = "user-pool"
_ABOUT = (
    "A merchant's cash book: debit and credit entries (lançamentos) come in, each business day's "
    "consolidated balance (saldo diário consolidado) comes out. Amounts are decimal strings, days "
    "are business days of the deployment's time zone, and every POST that takes an Idempotency-Key "
    "may be sent again until it is answered."
)
_PATH_PARAMETERS = {
    "entry_id": {"type": "string", "pattern": "^[a-z2-7]{32}$"},
    "day": {"type": "string", "format": "date"},
    "version": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    "consolidation_id": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z2-7]{32}$"},
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document of these operations as a JSON value."""
    schemas = Schemas(operations)
    paths: dict[str, Any] = {}
    for operation in operations:
        path = paths.setdefault(operation.path, {})
        path[operation.method.lower()] = _described(operation, operations, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Livro Caixa", "version": VERSION, "description": _ABOUT},
        # Relative to this document, whatever host, stage and base path it is read from.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "headers": HEADERS,
            "securitySchemes": {_SECURITY: _security_scheme()},
        },
    }


def _described(
    operation: Operation, operations: Sequence[Operation], schemas: Schemas
) -> dict[str, Any]:
    view = operation.find_view()
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [_tag(operation.path)],
        "parameters": list(_parameters(operation, schemas)),
        "responses": answers(operation, operations, schemas),
        "security": [{_SECURITY: [operation.scope]}] if operation.scope else [],
    }
    if view.takes_body:
        content = {"application/json": {"schema": schemas.read(view.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _tag(path: str) -> str:
    return path.split("/")[2] if path.startswith("/v1/") else "service"


def _parameters(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    view = operation.find_view()
    for name, schema in _PATH_PARAMETERS.items():
        if f"{{{name}}}" in operation.path:
            yield {"name": name, "in": "path", "required": True, "schema": schema}
    yield from _query_parameters(schemas.parameters(view.query))
    if view.keyed:
        key = schemas.key()
        yield {"name": IDEMPOTENCY_KEY, "in": "header", "required": True, "schema": key}
    if view.tagged:
        yield {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}


def _query_parameters(model: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, schema in model.get("properties", {}).items():
        described = {"name": name, "in": "query", "schema": schema}
        if "description" in schema:
            described["description"] = schema.pop("description")
        if name in model.get("required", ()):
            described["required"] = True
        yield described


def _security_scheme() -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": (
            "An access token of the service's Amazon Cognito user pool. Its scopes are among "
            f"{', '.join(SCOPES)}; each operation names the one that it demands."
        ),
    }
