"""Opaque, signed cursors: a position in a list, valid for one merchant and one set of filters."""

import base64
import binascii
import hmac
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from chalicelib.ledger.encoding import length_prefixed, urlsafe
from chalicelib.ledger.errors import FieldError, InvalidQueryError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_MAC_BYTES = 16
_LONGEST = 400


def scope(merchant_id: str, filters: "DataclassInstance") -> bytes:
    """Return what a cursor is bound to: a merchant, and a list's filters as one dataclass.

    The page size is not part of it.
    """
    values = json.dumps(astuple(filters), default=str)
    return length_prefixed("livro-caixa/cursor/1", merchant_id, values)


def seal(secret: bytes, bound_to: bytes, position: tuple[str, ...]) -> str:
    """Return the cursor of a position: 16 bytes of HMAC-SHA-256 and the position, in base64url."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return urlsafe(_mac(secret, bound_to, payload) + payload)


@dataclass(frozen=True, slots=True)
class Claim:
    """The content of a cursor before its signature is checked."""

    mac: bytes
    payload: bytes

    def position(self) -> tuple[str, ...]:
        """Return the claimed position; raise InvalidQueryError when it is not a list of texts."""
        try:
            parts = json.loads(self.payload)
        except (ValueError, RecursionError):
            raise invalid_cursor() from None
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            return tuple(parts)
        raise invalid_cursor()

    def check(self, secret: bytes, bound_to: bytes) -> None:
        """Raise InvalidQueryError unless the cursor was signed with this secret for this scope."""
        if not hmac.compare_digest(self.mac, _mac(secret, bound_to, self.payload)):
            raise invalid_cursor()


def read(cursor: str) -> Claim:
    """Return the content of a cursor; raise InvalidQueryError when it is not base64url."""
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise invalid_cursor()
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except binascii.Error:
        raise invalid_cursor() from None
    if urlsafe(raw) != cursor:  # a position has one cursor, without characters the decoder skips
        raise invalid_cursor()
    return Claim(raw[:_MAC_BYTES], raw[_MAC_BYTES:])


def invalid_cursor() -> InvalidQueryError:
    """Return the error for every cursor that is not valid for this list."""
    message = "must be a next_cursor of this list, with the same filters; leave it out to begin"
    return InvalidQueryError(f"cursor {message}.", [FieldError("cursor", message)])


def _mac(secret: bytes, bound_to: bytes, payload: bytes) -> bytes:
    # Unambiguous: the scope has length prefixes, and the payload is the rest.
    return hmac.digest(secret, bound_to + payload, "sha256")[:_MAC_BYTES]
