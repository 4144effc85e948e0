"""Closings (fechamentos): the versions of a day, the leaves under their roots, and proofs."""

from datetime import date

from chalicelib.api import etag
from chalicelib.api.auth import READ
from chalicelib.api.closing_responses import (
    ClosingsResponse,
    KeysResponse,
    LeavesResponse,
    ProofResponse,
)
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import EntryId
from chalicelib.api.http import Response, query_parameters
from chalicelib.api.pagination import DEFAULT_LIMIT, Cursor, Limit, fitting, with_next_link
from chalicelib.api.validation import RequestQuery
from chalicelib.ledger.errors import NotFoundError, ReadModelUnavailableError
from chalicelib.queries import closings as queries
from chalicelib.queries import wiring


class PageQuery(RequestQuery):
    """A page of leaves or versions."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class ProofQuery(RequestQuery):
    """Which entry to prove."""

    entry: EntryId


@endpoint(
    scope=READ,
    query=PageQuery,
    etag=True,
    responses=[
        ResponseSpec(200, ClosingsResponse, "A page of versions, newest first.", headers=("Link",))
    ],
    raises=[NotFoundError, ReadModelUnavailableError],
)
def list_closings(request: ApiRequest[PageQuery, None], day: date) -> Response:
    """List the versions of a day."""
    merchant_id, query = request.principal.merchant_id, request.query
    page = queries.closing_page(
        wiring.read_model(), merchant_id, day, query.limit, query.cursor, fitting
    )
    body = {"items": page.items, "next_cursor": page.next_cursor}
    response = etag.respond(request.http, body)
    return with_next_link(response, query_parameters(request.http), page.next_cursor)


@endpoint(
    scope=READ,
    query=PageQuery,
    etag=True,
    responses=[
        ResponseSpec(
            200,
            LeavesResponse,
            "A page of leaves, in the order of the tree; the root can only be computed from all "
            "pages together.",
            headers=("Link",),
        )
    ],
    raises=[NotFoundError, ReadModelUnavailableError],
)
def closing_leaves(request: ApiRequest[PageQuery, None], day: date, version: int) -> Response:
    """List the leaves of a version."""
    merchant_id, query = request.principal.merchant_id, request.query
    page = queries.leaves(
        wiring.read_model(),
        merchant_id,
        queries.Version(day, version),
        query.limit,
        query.cursor,
        fitting,
    )
    body = {
        "merchant": merchant_id,
        "day": day.isoformat(),
        "version": version,
        "items": page.items,
        "next_cursor": page.next_cursor,
    }
    response = etag.respond(request.http, body)
    return with_next_link(response, query_parameters(request.http), page.next_cursor)


@endpoint(
    scope=READ,
    query=ProofQuery,
    etag=True,
    responses=[
        ResponseSpec(200, ProofResponse, "The proof that the latest version contains the entry.")
    ],
    raises=[NotFoundError, ReadModelUnavailableError],
)
def entry_proof(request: ApiRequest[ProofQuery, None], day: date) -> Response:
    """Prove that the latest version of a day contains an entry."""
    merchant_id, entry_id = request.principal.merchant_id, request.query.entry
    proof = queries.proof(wiring.read_model(), merchant_id, day, entry_id)
    return etag.respond(request.http, proof)


@endpoint(
    scope=READ,
    etag=True,
    responses=[ResponseSpec(200, KeysResponse, "The public keys, in PEM.")],
    raises=[ReadModelUnavailableError],
)
def public_keys(request: ApiRequest[None, None]) -> Response:
    """List the public keys of all seals."""
    body: KeysResponse = {"keys": wiring.read_model().public_keys()}
    return etag.respond(request.http, body)
