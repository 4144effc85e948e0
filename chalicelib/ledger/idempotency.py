"""Which requests are the same: the fingerprint of an operation and its body as sent."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.ledger.encoding import canonical_json, length_prefixed, urlsafe
from chalicelib.ledger.errors import FieldError, IdempotencyKeyReusedError

PERSONAL_FIELDS = frozenset({"description", "metadata", "reason"})


@dataclass(frozen=True, slots=True)
class OriginalRequest:
    """A POST as sent: the operation with its target, and the body's JSON value before defaults."""

    operation: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The digests of a request that are stored, to recognise a replay.

    `texts` is salted, because a CPF could be guessed from an unsalted digest; it is None once the
    texts and their salt are erased, and then only `plain` is compared.
    """

    plain: str
    texts: str | None


def fingerprint(request: OriginalRequest, salt: str) -> Fingerprint:
    """Return the fingerprint of a request; the entry's `salt` salts the digest of its texts."""
    plain = {name: v for name, v in request.body.items() if name not in PERSONAL_FIELDS}
    texts = {name: v for name, v in request.body.items() if name in PERSONAL_FIELDS}
    operation = length_prefixed("livro-caixa/request/1", request.operation)
    return Fingerprint(
        plain=urlsafe(hashlib.sha256(operation + canonical_json(plain)).digest()),
        texts=urlsafe(hmac.digest(salt.encode(), operation + canonical_json(texts), "sha256")),
    )


def is_same_request(stored: Fingerprint, salt: str | None, request: OriginalRequest) -> bool:
    """Return whether a request has the stored fingerprint, given the salt stored with it."""
    sent = fingerprint(request, salt or "")
    if salt is None or stored.texts is None:
        return hmac.compare_digest(sent.plain, stored.plain)
    return hmac.compare_digest(sent.plain + (sent.texts or ""), stored.plain + stored.texts)


def key_reused() -> IdempotencyKeyReusedError:
    """Return the error of a key that was used for a different request."""
    message = "was already used for a different request; send a new key, or the original body"
    return IdempotencyKeyReusedError(
        f"This Idempotency-Key {message}.", [FieldError("Idempotency-Key", message)]
    )
