"""No work behind the edge at all: an entry is answered as it was sent, a balance is made up.

What a handler takes over this is all that a ledger does: ids, digests, seals of texts, days, sums.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from verification.benchmarks.handlers.models import Freshness, SentEntry, ShownBalance, ShownEntry

_AS_OF = datetime(2026, 11, 23, 17, 5, 1, tzinfo=UTC)


def recorded(sent: SentEntry, _body: Any, _key: str, claims: Mapping[str, Any]) -> ShownEntry:
    """Return an entry under a random id, kept nowhere."""
    now = datetime.now(UTC)
    occurred = sent.occurred_at or now
    return ShownEntry(
        entry_id=secrets.token_hex(16),
        type=sent.type,
        amount=sent.amount,
        currency=sent.currency,
        account=sent.account,
        occurred_at=occurred.isoformat(),
        day=occurred.date().isoformat(),
        description=sent.description,
        category=sent.category,
        metadata=sent.metadata,
        recorded_at=now,
        recorded_by=claims["sub"],
    )


def balance(
    day: str, account: str | None, currency: str, _claims: Mapping[str, Any]
) -> ShownBalance:
    """Return the same balance for any day."""
    return ShownBalance(
        day=day,
        account=account,
        currency=currency,
        opening="1000.00",
        credits="150.75",
        debits="20.00",
        closing="1130.75",
        entries=3,
        status="open",
        version=None,
        freshness=Freshness(as_of=_AS_OF, complete=None),
    )
