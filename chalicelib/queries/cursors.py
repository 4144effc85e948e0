"""Opaque cursors: a place in a list under a seal, good for one merchant and one set of filters."""

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

_SEAL_BYTES = 16
_LONGEST = 400


def scope(merchant_id: str, filters: "DataclassInstance") -> bytes:
    """Return what a cursor is bound to: a merchant, and a list's filters as one dataclass.

    A page's size is no part of it.
    """
    result = json.dumps(astuple(filters), default=str)
    return length_prefixed("livro-caixa/cursor/1", merchant_id, result)


def seal(secret: bytes, bound_to: bytes, place: tuple[str, ...]) -> str:
    """Return the cursor of a place: 16 bytes of HMAC-SHA-256 and the place, in base64url."""
    said = json.dumps(place, separators=(",", ":")).encode()
    return urlsafe(_mac(secret, bound_to, said) + said)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a cursor says, before its seal is checked."""

    mac: bytes
    said: bytes

    def place(self) -> tuple[str, ...]:
        """Return the place that is claimed; raise InvalidQueryError when it is not even text."""
        try:
            result = json.loads(self.said)
        except (ValueError, RecursionError):
            raise refusal() from None
        if isinstance(result, list) and all(isinstance(part, str) for part in result):
            return tuple(result)
        raise refusal()

    def check(self, secret: bytes, bound_to: bytes) -> None:
        """Raise InvalidQueryError unless it was sealed with this secret for this scope."""
        if not hmac.compare_digest(self.mac, _mac(secret, bound_to, self.said)):
            raise refusal()


def read(cursor: str) -> Claim:
    """Return what a cursor claims; raise InvalidQueryError when it is no cursor at all."""
    raw = _decoded(cursor)
    return Claim(raw[:_SEAL_BYTES], raw[_SEAL_BYTES:])


def _mac(secret: bytes, bound_to: bytes, said: bytes) -> bytes:
    # Both parts tell their own length: the scope by its prefixes, and the place is the rest.
    return hmac.digest(secret, bound_to + said, "sha256")[:_SEAL_BYTES]


def _decoded(cursor: str) -> bytes:
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise refusal()
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except binascii.Error:
        raise refusal() from None
    if urlsafe(raw) != cursor:  # one place has one cursor; what the decoder skips is refused
        raise refusal()
    return raw


def refusal() -> InvalidQueryError:
    """Return the one answer to every cursor that is not good here."""
    message = "must be a next_cursor of this list, with the same filters; leave it out to begin"
    return InvalidQueryError(f"cursor {message}.", [FieldError("cursor", message)])
