"""Pages of a merchant's settings of one kind, such as its rules, each kind in its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chalicelib.api import etag
from chalicelib.api.endpoint import ApiRequest
from chalicelib.api.http import Response, query_parameters
from chalicelib.api.pagination import DEFAULT_LIMIT, Cursor, Limit, with_next_link
from chalicelib.api.validation import RequestQuery
from chalicelib.commands.merchant_settings import Setting
from chalicelib.queries import cursors


class SettingListQuery(RequestQuery):
    """A page of a list of settings."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class Listed(NamedTuple):
    """A setting in the response, and its place in the order of the list."""

    position: tuple[str, ...]
    item: Any


@dataclass(frozen=True, slots=True)
class _ListName:
    name: str


def respond_with_page(
    request: ApiRequest[SettingListQuery, None],
    name: str,
    stored: Setting | None,
    listed: Sequence[Listed],
) -> Response:
    """Return the page of `listed`, in order, that was requested, with ETag and Link.

    `name` is the list's, to which its cursors are bound, as they are to the merchant. Raises
    InvalidQueryError for any other cursor.
    """
    secret = stored.secret.encode() if stored else b""
    bound_to = cursors.scope(request.principal.merchant_id, _ListName(name))
    after = _position(request.query.cursor, stored is not None, secret, bound_to)
    rest = [setting for setting in listed if setting.position > after]
    shown = rest[: request.query.limit]
    is_last = len(shown) == len(rest)
    next_cursor = None if is_last else cursors.seal(secret, bound_to, shown[-1].position)
    body = {"items": [setting.item for setting in shown], "next_cursor": next_cursor}
    response = etag.respond(request.http, body)
    return with_next_link(response, query_parameters(request.http), next_cursor)


def _position(
    cursor: str | None, is_stored: bool, secret: bytes, bound_to: bytes
) -> tuple[str, ...]:
    if cursor is None:
        return ()
    if not is_stored:
        raise cursors.invalid_cursor()
    claim = cursors.read(cursor)
    claim.check(secret, bound_to)
    return claim.position()
