"""Build the OpenAPI 3.1 document from Chalice's routes and the endpoints that serve them.

Packaging runs `python -m chalicelib.api.openapi.document PATH`, and the service serves the file.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from chalicelib.api import (
    cash_flow,
    categories,
    category_corrections,
    category_rules,
    closings,
    consolidations,
    daily_balances,
    entries,
    entry_batch,
    entry_list,
    erasure,
    import_accounts,
    import_creation,
    import_mappings,
    import_recording,
    imports,
    merchant,
    reversals,
    service,
    statements,
)
from chalicelib.api.auth import SCOPES
from chalicelib.api.endpoint import Endpoint, Upload
from chalicelib.api.openapi.examples import content_with_example, with_example
from chalicelib.api.openapi.responses import HEADERS, responses
from chalicelib.api.openapi.schemas import Schemas
from chalicelib.api.problems import PreconditionFailedError
from chalicelib.api.request_headers import IDEMPOTENCY_KEY
from chalicelib.importing.import_ids import IMPORT_ID_PATTERN
from chalicelib.ledger.text import NAME_IN_PATH_PATTERN, SLUG_PATTERN

VERSION = "1.0.0"
RESOURCES: Sequence[ModuleType] = (
    service, entries, entry_list, erasure, daily_balances, cash_flow, statements,
    closings, consolidations, imports, import_creation, import_recording, import_mappings,
    import_accounts, merchant, category_rules, category_corrections, categories,
    entry_batch, reversals,
)  # fmt: skip
_SECURITY = "user-pool"
_DESCRIPTION = (
    "A merchant's cash book: record debit and credit entries (lançamentos), and read the "
    "consolidated balance of each business day (saldo diário consolidado). Amounts are decimal "
    "strings, days are business days in the deployment's time zone, and a POST that takes an "
    "Idempotency-Key can be repeated until it gets a response. HEAD is answered wherever GET is. "
    "A page of a list has at most 5 MiB, even with all characters but ASCII written as \\u "
    "escapes; `next_cursor` continues. A statement has at most 6 MB; a longer one is an error that "
    "says which days fit."
)
_PATH_PARAMETERS = {
    "import_id": {"type": "string", "pattern": f"^{IMPORT_ID_PATTERN}$"},
    "entry_id": {"type": "string", "pattern": "^[a-z2-7]{32}$"},
    "day": {"type": "string", "format": "date"},
    "month": {"type": "string", "pattern": "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])$"},
    "name": {"type": "string", "pattern": f"^{NAME_IN_PATH_PATTERN}$"},
    "slug": {"type": "string", "pattern": f"^{SLUG_PATTERN}$"},
    "version": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    "consolidation_id": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z2-7]{32}$"},
}
Routes = Mapping[str, Mapping[str, Any]]


class Operation(NamedTuple):
    """A method of a path, and the endpoint that serves it."""

    path: str
    method: str
    summary: str
    endpoint: Endpoint


def build(routes: Routes) -> dict[str, Any]:
    """Return the document of Chalice's routes (`app.routes`) as a JSON value."""
    operations = list(operations_of(routes))
    schemas = Schemas([operation.endpoint for operation in operations])
    paths: dict[str, Any] = {}
    for operation in operations:
        path = paths.setdefault(operation.path, {})
        path[operation.method.lower()] = _operation(operation, operations, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Livro Caixa", "version": VERSION, "description": _DESCRIPTION},
        # Relative to this document, so that it holds under any host, stage and base path.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "headers": HEADERS,
            "securitySchemes": {_SECURITY: _security_scheme()},
        },
    }


def operations_of(routes: Routes) -> Iterator[Operation]:
    """Return every route that an endpoint serves: app.py's view has the endpoint's name."""
    endpoints = {
        result.name: result
        for module in RESOURCES
        for result in vars(module).values()
        if isinstance(result, Endpoint)
    }
    for path, methods in routes.items():
        for method, route in methods.items():
            # HEAD is answered wherever GET is, which the document says once.
            if route.view_name in endpoints and method != "HEAD":
                summary = (route.view_function.__doc__ or "").strip()
                yield Operation(path, method, summary, endpoints[route.view_name])


def _operation(
    operation: Operation, operations: Sequence[Operation], schemas: Schemas
) -> dict[str, Any]:
    endpoint = operation.endpoint
    others = [(other.path, other.method) for other in operations]
    described: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": operation.summary,
        **({"description": endpoint.description} if endpoint.description else {}),
        "tags": [operation.path.split("/")[2] if operation.path.startswith("/v1/") else "service"],
        "parameters": [
            with_example(endpoint.name, parameter) for parameter in _parameters(operation, schemas)
        ],
        "responses": responses(endpoint, operation.path, operation.method, others, schemas),
        "security": [{_SECURITY: [endpoint.scope]}] if endpoint.scope else [],
    }
    if isinstance(endpoint.body, Upload):
        files: dict[str, Any] = {media_type: {} for media_type in endpoint.body.media_types}
        content = content_with_example(endpoint.name, files)
        described["requestBody"] = {"required": True, "content": content}
    elif endpoint.body:
        schema = {"schema": schemas.request(endpoint.body)}
        content = content_with_example(endpoint.name, {"application/json": schema})
        required = not endpoint.body.is_optional
        described["requestBody"] = {"required": required, "content": content}
    return described


def _parameters(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    endpoint = operation.endpoint
    for name, schema in _PATH_PARAMETERS.items():
        if f"{{{name}}}" in operation.path:
            yield {"name": name, "in": "path", "required": True, "schema": schema}
    if endpoint.query:
        yield from _query_parameters(schemas.parameters(endpoint.query))
    if endpoint.idempotent:
        key = schemas.key()
        yield {"name": IDEMPOTENCY_KEY, "in": "header", "required": True, "schema": key}
    if PreconditionFailedError in endpoint.raises:
        yield {"name": "If-Match", "in": "header", "schema": {"type": "string"}}
    if endpoint.etag:
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
            f"{', '.join(SCOPES)}; each operation names the scope that it requires."
        ),
    }


def main() -> None:
    """Write the document of app.py into the file that the command line names."""
    import app

    document = json.dumps(build(app.app.routes), ensure_ascii=False)
    Path(sys.argv[1]).write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
