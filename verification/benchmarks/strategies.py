"""Entries of a busy merchant, made up from a seed: the same seed gives the same entries."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.ledger.entries import Entry, EntryDraft, entry_id
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item

ZONE = ZoneInfo("America/Sao_Paulo")
LAST = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ACCOUNTS = ("main", "bank", "card-machine")
CATEGORIES = ("sales", "sales", "sales", "pix", "suppliers", "wages", None)
_TEXTS = ("Venda balcão", "Pix de Ana", "Moinho Aurora: farinha", 'Nota "12\\3"', None)
_DIGEST = "l" * 43


@dataclass(frozen=True, slots=True)
class Book:
    """Whose entries, over how many days back, made from which seed."""

    merchants: tuple[str, ...]
    days: int
    seed: int = 5


def entries(book: Book, how_many: int) -> Iterator[Entry]:
    """Yield entries in no order of their days, each of its own key."""
    chance = random.Random(book.seed)
    minutes = book.days * 24 * 60
    for number in range(how_many):
        recorded = LAST - timedelta(minutes=chance.randrange(minutes))
        merchant = chance.choice(book.merchants)
        draft = EntryDraft(
            type="credit" if chance.random() < 0.8 else "debit",
            amount_minor=chance.randrange(1, 50_000),
            account=chance.choice(ACCOUNTS),
            occurred_at=format_instant(recorded, ZONE),
            description=chance.choice(_TEXTS),
            category=chance.choice(CATEGORIES),
            metadata={"order": f"A-{number}"} if number % 10 == 0 else {},
        )
        key = entry_id(merchant, f"{book.seed}-{number}")
        yield make_entry(
            draft, RecordingContext(merchant, "joana", recorded, ZONE, "salt" * 6), key
        )


def item(one: Entry) -> dict[str, Any]:
    """Return the item of an entry in the ledger's table."""
    return entry_item(StoredEntry(one, Fingerprint(_DIGEST, _DIGEST)))


def inserted(one: Entry) -> dict[str, Any]:
    """Return the stream's record of an entry that was recorded, as Lambda hands it in."""
    images = {"Keys": {"entry_id": {"S": one.entry_id}}, "NewImage": item(one)}
    return {"eventID": one.entry_id, "eventName": "INSERT", "dynamodb": images}
