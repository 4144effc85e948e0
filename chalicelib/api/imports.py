"""Imports of bank files (importação de extrato): list them, and the rows of each."""

from dataclasses import dataclass

from chalicelib.api import etag
from chalicelib.api.auth import READ
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.http import Response, query_parameters
from chalicelib.api.import_responses import (
    ImportResponse,
    ImportsResponse,
    RowsResponse,
    import_response,
    row_response,
)
from chalicelib.api.import_wiring import ports
from chalicelib.api.pagination import DEFAULT_LIMIT, Cursor, Limit, fitting, with_next_link
from chalicelib.api.validation import RequestQuery
from chalicelib.importing.bank_import import BankImport, RowOutcome
from chalicelib.importing.import_ids import is_import_id
from chalicelib.importing.rows import rows_after
from chalicelib.importing.stored_imports import find_import, get_import, newest_imports
from chalicelib.importing.tie_out_now import with_actual_books
from chalicelib.ledger.errors import (
    ImportBucketUnavailableError,
    LedgerUnavailableError,
    NotFoundError,
    ReadModelUnavailableError,
)
from chalicelib.queries import cursors


class ImportsQuery(RequestQuery):
    """A page of imports."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class RowsQuery(RequestQuery):
    """A page of rows."""

    outcome: RowOutcome | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@dataclass(frozen=True, slots=True)
class _Listed:
    """The list to which a cursor belongs, besides its merchant: its name and its filters."""

    name: str
    import_id: str | None = None
    outcome: str | None = None


@endpoint(
    scope=READ,
    query=ImportsQuery,
    etag=True,
    responses=[ResponseSpec(200, ImportsResponse, "A page, newest first.", headers=("Link",))],
    raises=[LedgerUnavailableError, ReadModelUnavailableError],
)
def list_imports(request: ApiRequest[ImportsQuery, None]) -> Response:
    """List imports, newest first."""
    merchant_id, query, table = request.principal.merchant_id, request.query, ports().table
    scope = cursors.scope(merchant_id, _Listed("imports"))
    before = None
    if query.cursor is not None:
        claim = cursors.read(query.cursor)
        before = _only(claim.position())
        last = find_import(table, merchant_id, before) if is_import_id(before) else None
        claim.check(_secret(last.current) if last else b"", scope)
    result = newest_imports(table, merchant_id, before, query.limit + 1)
    shown = with_actual_books(ports().book, merchant_id, result[: query.limit])
    items = [import_response(each) for each in shown]
    items = items[: fitting(items)]
    end = result[len(items) - 1] if len(result) > len(items) else None
    cursor = cursors.seal(_secret(end), scope, (end.import_id,)) if end else None
    body: ImportsResponse = {"items": items, "next_cursor": cursor}
    response = etag.respond(request.http, body)
    return with_next_link(response, query_parameters(request.http), cursor)


@endpoint(
    scope=READ,
    etag=True,
    responses=[ResponseSpec(200, ImportResponse, "The import.")],
    raises=[NotFoundError, LedgerUnavailableError, ReadModelUnavailableError],
)
def get_bank_import(request: ApiRequest[None, None], import_id: str) -> Response:
    """Get an import."""
    merchant_id = request.principal.merchant_id
    stored = get_import(ports().table, merchant_id, import_id).current
    (shown,) = with_actual_books(ports().book, merchant_id, [stored])
    return etag.respond(request.http, import_response(shown))


@endpoint(
    scope=READ,
    query=RowsQuery,
    etag=True,
    responses=[
        ResponseSpec(200, RowsResponse, "A page, in the order of the file.", headers=("Link",))
    ],
    raises=[NotFoundError, LedgerUnavailableError, ImportBucketUnavailableError],
    description="Rows are deleted when the import's `expires_at` is reached; then this is 404.",
)
def list_import_rows(request: ApiRequest[RowsQuery, None], import_id: str) -> Response:
    """List the rows of an import."""
    merchant_id, query = request.principal.merchant_id, request.query
    stored = get_import(ports().table, merchant_id, import_id).current
    bound_to = cursors.scope(merchant_id, _Listed("rows", import_id, query.outcome))
    after = 0
    if query.cursor is not None:
        claim = cursors.read(query.cursor)
        claim.check(_secret(stored), bound_to)
        after = int(_only(claim.position()))
    rows, more = rows_after(ports(), merchant_id, stored, after, query.limit, query.outcome)
    currencies = [facts.currency for facts in stored.statements]
    items = [row_response(each, currencies[each.row.statement]) for each in rows]
    fits = fitting(items)
    cursor = None
    if more or fits < len(items):
        cursor = cursors.seal(_secret(stored), bound_to, (str(rows[fits - 1].row.row),))
    body: RowsResponse = {"items": items[:fits], "next_cursor": cursor}
    response = etag.respond(request.http, body)
    return with_next_link(response, query_parameters(request.http), cursor)


def _secret(stored: BankImport) -> bytes:
    # The folder has a random part, which is never shown.
    return stored.folder.encode()


def _only(position: tuple[str, ...]) -> str:
    if len(position) != 1:
        raise cursors.invalid_cursor()
    return position[0]
