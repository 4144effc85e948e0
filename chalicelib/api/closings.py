"""Closings (fechamentos): the versions of a day, the leaves under their roots, and proofs."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from chalicelib.api import etag
from chalicelib.api.auth import READ
from chalicelib.api.closing_responses import (
    ClosingsResponse,
    HeadResponse,
    KeysResponse,
    LeavesResponse,
    ProofResponse,
)
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import EntryId, Flag
from chalicelib.api.http import Response, query_parameters
from chalicelib.api.pagination import (
    DEFAULT_LIMIT,
    PAGE_BYTES,
    Cursor,
    Limit,
    fitting,
    with_next_link,
)
from chalicelib.api.validation import RequestQuery
from chalicelib.ledger.errors import (
    LedgerUnavailableError,
    NotFoundError,
    ReadModelUnavailableError,
    SealBucketUnavailableError,
    TextsDifferError,
)
from chalicelib.ledger.seals import JsonObject
from chalicelib.queries import closings as queries
from chalicelib.queries import wiring

if TYPE_CHECKING:
    from chalicelib.commands.sealed_texts import SealedText

MOST_WITH_TEXTS = 50
"""A leaf with the longest texts takes 70 KB of a response, and Lambda returns up to 6 MB."""


class PageQuery(RequestQuery):
    """A page of a list."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class LeavesQuery(PageQuery):
    """A page of leaves, with the texts behind their digests or without."""

    texts: Annotated[
        Flag,
        Field(
            description="Whether each leaf has its `text`; such a page has at most "
            f"{MOST_WITH_TEXTS} leaves."
        ),
    ] = False


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
    query=LeavesQuery,
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
    raises=[
        NotFoundError,
        TextsDifferError,
        LedgerUnavailableError,
        ReadModelUnavailableError,
    ],
)
def closing_leaves(request: ApiRequest[LeavesQuery, None], day: date, version: int) -> Response:
    """List the leaves of a version."""
    merchant_id, query = request.principal.merchant_id, request.query
    limit, room = query.limit, PAGE_BYTES
    if query.texts:
        limit, room = min(limit, MOST_WITH_TEXTS), PAGE_BYTES // 4
    page = queries.leaves(
        wiring.read_model(),
        merchant_id,
        queries.Version(day, version),
        limit,
        query.cursor,
        lambda leaves: fitting(leaves, room),
    )
    body = {
        "merchant": merchant_id,
        "day": day.isoformat(),
        "version": version,
        "items": _with_texts(merchant_id, page.items) if query.texts else page.items,
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
    responses=[
        ResponseSpec(200, HeadResponse, "The newest closing, as the bucket of closings retains it.")
    ],
    raises=[NotFoundError, SealBucketUnavailableError],
)
def closing_head(request: ApiRequest[None, None]) -> Response:
    """Return the head of the merchant's chain of closings."""
    from chalicelib.queries.closing_head import closing_head

    merchant_id = request.principal.merchant_id
    head = closing_head(wiring.read_model().newest_sequence, wiring.seal_bucket(), merchant_id)
    return etag.respond(request.http, head)


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


def _with_texts(merchant_id: str, leaves: Sequence[JsonObject]) -> list[JsonObject]:
    # Only this one of the reads of closings needs the ledger's table.
    from chalicelib.commands import wiring as commands_wiring
    from chalicelib.commands.sealed_texts import sealed_texts

    digests = {leaf["entry"]: leaf["text_digest"] for leaf in leaves}
    texts = sealed_texts(commands_wiring.ports(), merchant_id, digests) if digests else {}
    return [{**leaf, "text": _text_json(texts[leaf["entry"]])} for leaf in leaves]


def _text_json(text: "SealedText | None") -> JsonObject | None:
    if text is None:
        return None
    return {
        "salt": text.salt,
        "description": text.description,
        "metadata": dict(text.metadata),
    }
