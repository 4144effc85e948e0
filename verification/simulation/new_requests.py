"""Random new requests of merchants; no two requests for an entry have the same amount.

Keys are numbered per merchant, so that the same key is used by every merchant.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.instants import format_instant
from verification.kit.generators import Mix, body_of, draft
from verification.simulation.clock import ZONE
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.request_log import Request

_ORDER: Mapping[str, str] = {"order": "A-17"}


def new_entry(context: Context, chance: random.Random, merchant_id: str | None = None) -> Request:
    """Return a request for an entry, of a random merchant unless one is given."""
    number = context.number()
    mix = Mix(
        accounts=("main", "main", "bank"),
        descriptions=("Venda balcão", "João da Silva, CPF 123.456.789-09", None),
        metadata=_ORDER,
        metadata_share=0.2,
        amounts=lambda chance: number * 1000 + chance.choice((1, 99, 500)),
    )
    entry_draft = draft(chance, mix, lambda chance: _occurred_at(context, chance))
    sender = merchant_id or chance.choice(MERCHANTS)
    return Request(sender, context.key(sender), body_of(entry_draft), entry_draft)


def occurring_at(request: Request, moment: datetime) -> Request:
    """Return a request whose entry occurred at another moment."""
    assert request.draft is not None
    request.draft = replace(request.draft, occurred_at=format_instant(moment, ZONE))
    request.body = body_of(request.draft)
    return request


def about(context: Context, target: Request, erases: bool) -> Request:
    """Return a request to reverse or to erase the entry of another request."""
    target.is_target = True
    body = {} if erases else {"reason": f"Erro {context.number()}"}
    key = context.key(target.merchant_id)
    return Request(target.merchant_id, key, body, target=target, erases=erases)


def numbered_entry(number: int, merchant_id: str = "padaria") -> Request:
    """Return a request for a fixed entry; each number has another amount and key."""
    entry_draft = EntryDraft(type="credit", amount_minor=number * 1000 + 1, description="João")
    return Request(merchant_id, f"key-{number}", body_of(entry_draft), entry_draft)


def about_key_of(target: Request, reason: str | None) -> Request:
    """Return a request to reverse an entry for a reason, or without one to erase it."""
    body = {} if reason is None else {"reason": reason}
    key = f"about-{target.key}"
    return Request("padaria", key, body, target=target, erases=reason is None)


def _occurred_at(context: Context, chance: random.Random) -> str | None:
    """Return a moment: mostly of today, sometimes of long ago or a little ahead; or None."""
    days = chance.choice((0, 0, 1, 20)) * chance.random()
    is_late = chance.random() < 0.03
    age = context.longest_ago * chance.random() if is_late else timedelta(days=days)
    occurred = context.world.clock.now + timedelta(minutes=4) * chance.random() - age
    return format_instant(occurred, ZONE) if chance.random() < 0.6 else None
