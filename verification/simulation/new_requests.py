"""Requests that merchants may send, as chance has it; no two ask for an entry of one amount.

Each merchant numbers its keys by itself, so one key stands for a request of every merchant.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount
from verification.simulation.clock import ZONE
from verification.simulation.context import MERCHANTS, Context
from verification.simulation.expected_book import Request

_ACCOUNTS = ("main", "main", "bank")
_CURRENCIES = ("BRL", "BRL", "BRL", "JPY")
_CATEGORIES = ("sales", "wages", None)
_DESCRIPTIONS = ("Venda balcão", "João da Silva, CPF 123.456.789-09", None)


def new_entry(cast: Context, chance: random.Random, merchant_id: str | None = None) -> Request:
    """Return a request for an entry of an amount that no other one has."""
    number = cast.number()
    currency = chance.choice(_CURRENCIES)
    amount_minor = number * 1000 + chance.choice((1, 99, 500))
    body: dict[str, Any] = {
        "type": chance.choice(("credit", "debit")),
        "amount": format_amount(amount_minor, currency),
        "currency": currency,
        "account": chance.choice(_ACCOUNTS),
    }
    body |= _optional(cast, chance)
    fields = {name: value for name, value in body.items() if name != "amount"}
    draft = EntryDraft(amount_minor=amount_minor, **fields)
    sender = merchant_id or chance.choice(MERCHANTS)
    return Request(sender, cast.key(sender), body, draft)


def said_at(request: Request, moment: datetime) -> Request:
    """Return a request with another moment at which its entry occurred."""
    assert request.draft is not None
    occurred_at = format_instant(moment, ZONE)
    request.draft = replace(request.draft, occurred_at=occurred_at)
    request.body = {**request.body, "occurred_at": occurred_at}
    return request


def _optional(cast: Context, chance: random.Random) -> Mapping[str, Any]:
    ago = chance.choice((0, 0, 1, 20)) * chance.random()
    late = cast.longest_ago * chance.random() if chance.random() < 0.03 else timedelta(days=ago)
    occurred = cast.world.clock.now + timedelta(minutes=4) * chance.random() - late
    options = {
        "occurred_at": format_instant(occurred, ZONE) if chance.random() < 0.6 else None,
        "category": chance.choice(_CATEGORIES),
        "description": chance.choice(_DESCRIPTIONS),
        "metadata": {"order": "A-17"} if chance.random() < 0.2 else None,
    }
    return {name: value for name, value in options.items() if value is not None}


def about(cast: Context, target: Request, erases: bool) -> Request:
    """Return a request to reverse or to erase what another request made."""
    target.is_target = True
    body = {} if erases else {"reason": f"Erro {cast.number()}"}
    key = cast.key(target.merchant_id)
    return Request(target.merchant_id, key, body, target=target, erases=erases)
