"""Which requests are the same: the fingerprint of a POST's body as it was sent."""

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
    """What is kept of a request, to know it again.

    `texts` is salted, because the plain digest of a text with a CPF could be guessed; it is None
    once the texts and their salt were erased, and then only `plain` is compared.
    """

    plain: str
    texts: str | None


def fingerprint(request: OriginalRequest, salt: str) -> Fingerprint:
    """Return the fingerprint of a request under the salt of the entry that it made."""
    plain = {name: v for name, v in request.body.items() if name not in PERSONAL_FIELDS}
    texts = {name: v for name, v in request.body.items() if name in PERSONAL_FIELDS}
    operation = length_prefixed("livro-caixa/request/1", request.operation)
    return Fingerprint(
        plain=urlsafe(hashlib.sha256(operation + canonical_json(plain)).digest()),
        texts=urlsafe(hmac.digest(salt.encode(), operation + canonical_json(texts), "sha256")),
    )


def is_same_request(kept: Fingerprint, salt: str | None, request: OriginalRequest) -> bool:
    """Say whether a request is the one whose fingerprint was kept, under the salt kept with it."""
    sent = fingerprint(request, salt or "")
    if salt is None or kept.texts is None:
        return hmac.compare_digest(sent.plain, kept.plain)
    return hmac.compare_digest(sent.plain + (sent.texts or ""), kept.plain + kept.texts)


def key_reused() -> IdempotencyKeyReusedError:
    """Return the refusal of a key that already stands for another request."""
    message = "already stands for another request; send a new key, or the first body again"
    return IdempotencyKeyReusedError(
        f"This Idempotency-Key {message}.", [FieldError("Idempotency-Key", message)]
    )
