"""Entries (lançamentos): money into or out of an account, recorded once and never changed."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.encoding import canonical_json, length_prefixed, urlsafe
from chalicelib.ledger.instants import isoformat_in_utc
from chalicelib.ledger.text import DEFAULT_ACCOUNT

EntryType = Literal["credit", "debit"]
SALT_BYTES = 16
_ID_BYTES = 20
_ENTRY_ID = re.compile(r"[a-z2-7]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A validated request to record an entry; `occurred_at` is RFC 3339 text as sent."""

    type: EntryType
    amount_minor: int
    currency: str = DEFAULT_CURRENCY
    account: str = DEFAULT_ACCOUNT
    occurred_at: str | None = None
    description: str | None = None
    category: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class Entry(NamedTuple):
    """An entry of the ledger; a tuple, because a rebuild makes millions of them.

    `occurred_at` is RFC 3339 text as sent, `day` its business day, `recorded_at` the UTC moment of
    receipt in whole milliseconds. Erasing the texts removes `text_salt`, and not `text_digest`.
    """

    entry_id: str
    merchant_id: str
    type: EntryType
    amount_minor: int
    currency: str
    account: str
    day: date
    occurred_at: str
    recorded_at: datetime
    recorded_by: str
    text_digest: str
    text_salt: str | None = None
    description: str | None = None
    category: str | None = None
    metadata: Mapping[str, str] = MappingProxyType({})
    reverses: str | None = None
    origin: str | None = None
    """The trace header of the request that recorded it (X-Amzn-Trace-Id), for the projector."""

    @property
    def effect_minor(self) -> int:
        """What the entry adds to the balance: positive for a credit, negative for a debit."""
        return self.amount_minor if self.type == "credit" else -self.amount_minor


def digest_id(domain: str, *parts: str) -> str:
    """Return the id of these parts in a domain; other domains or parts have other ids."""
    digest = hashlib.sha256(length_prefixed(domain, *parts)).digest()
    return base64.b32encode(digest[:_ID_BYTES]).decode().lower()


@lru_cache(maxsize=256)  # a request needs the id of its key several times
def entry_id(merchant_id: str, idempotency_key: str) -> str:
    """Return the id of a merchant's key, always the same: 32 of the characters a-z and 2-7."""
    return digest_id("livro-caixa/entry/1", merchant_id, idempotency_key)


def is_entry_id(text: str) -> bool:
    """Return whether a text has the shape of an entry's id; the ledger holds no other ids."""
    return _ENTRY_ID.fullmatch(text) is not None


def reversal_id_of(reversed_entry_id: str) -> str:
    """Return the id of the only reversal that an entry can have."""
    return digest_id("livro-caixa/reversal/1", reversed_entry_id)


def correction_id_of(corrected_entry_id: str) -> str:
    """Return the id under which the correction of an entry's category is stored."""
    return digest_id("livro-caixa/category/1", corrected_entry_id)


def reversal_draft(original: Entry, reason: str, occurred_at: str | None = None) -> EntryDraft:
    """Return the draft of the reversal of an entry: the opposite type, otherwise the same.

    Without `occurred_at` it occurs when it is recorded.
    """
    return EntryDraft(
        type="debit" if original.type == "credit" else "credit",
        amount_minor=original.amount_minor,
        currency=original.currency,
        account=original.account,
        occurred_at=occurred_at,
        category=original.category,
        description=reason,
    )


def text_digest(salt: str, description: str | None, metadata: Mapping[str, str]) -> str:
    """Return the salted digest (HMAC-SHA-256, base64url) of an entry's texts.

    The salt is erased with the texts, so that a CPF cannot be guessed from the digest (LGPD).
    """
    texts = canonical_json({"description": description, "metadata": dict(metadata)})
    return urlsafe(hmac.digest(salt.encode(), texts, "sha256"))


def has_recorded_texts(entry: Entry) -> bool:
    """Return whether an entry's texts have the digest that was recorded; True once erased."""
    if entry.text_salt is None:
        return entry.description is None and not entry.metadata
    digest = text_digest(entry.text_salt, entry.description, entry.metadata)
    return hmac.compare_digest(digest.encode(), entry.text_digest.encode())


def without_texts(entry: Entry) -> Entry:
    """Return the entry after erasure: no description, metadata or salt; the digest stays."""
    return entry._replace(description=None, metadata={}, text_salt=None)


def content_digest(entry: Entry) -> str:
    """Return the digest (SHA-256, base64url) of an entry's fields and of its texts' digest.

    It is the same before and after an erasure; the same id with another digest is an alarm.
    """
    parts = (
        entry.entry_id, entry.merchant_id, entry.type, str(entry.amount_minor), entry.currency,
        entry.account, entry.day.isoformat(), entry.occurred_at, _isoformat(entry.recorded_at),
        entry.recorded_by, entry.category or "", entry.reverses or "", entry.text_digest,
    )  # fmt: skip
    return urlsafe(hashlib.sha256(length_prefixed("livro-caixa/content/1", *parts)).digest())


def _isoformat(instant: datetime) -> str:
    return isoformat_in_utc(instant) if instant.tzinfo is UTC else instant.isoformat()
