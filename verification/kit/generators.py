"""Generators of input from a random.Random or a seed: drafts, bodies, entries, stream records.

The same seed gives the same values. Hypothesis strategies are in strategies.py, because the
benchmarks' environment lacks Hypothesis.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import (
    Entry,
    EntryDraft,
    EntryType,
    content_digest,
    entry_id,
    without_texts,
)
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.ledger.instants import format_instant, parse_instant
from chalicelib.ledger.money import format_amount
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.storage.category_items import correction_item
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item

ZONE = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
_DIGEST = "l" * 43
Amounts = Callable[[random.Random], int]


def edge_amounts(chance: random.Random) -> int:
    """Return the smallest amount, one beyond a 32-bit integer, or an everyday one."""
    return chance.choice((1, 99_999_999_999_999, chance.randrange(1, 500_000)))


@dataclass(frozen=True, slots=True)
class Mix:
    """What drafts are drawn from; a value listed twice is drawn twice as often."""

    types: Sequence[EntryType] = ("credit", "debit")
    currencies: Sequence[str] = ("BRL", "BRL", "BRL", "JPY")
    accounts: Sequence[str] = ("main", "bank", "null")
    categories: Sequence[str | None] = ("sales", "wages", None)
    descriptions: Sequence[str | None] = (
        "Venda balcão", "Pão francês", 'Aspas " e \\ barra', "100% açúcar_mascavo", None,
    )  # fmt: skip
    metadata: Mapping[str, str] = field(default_factory=lambda: {"order": 'A"\\{},', "nota": "ção"})
    metadata_share: float = 0.5
    amounts: Amounts = edge_amounts


MIXED = Mix()


def draft(
    chance: random.Random,
    mix: Mix = MIXED,
    occurred_at: Callable[[random.Random], str | None] = lambda _chance: None,
) -> EntryDraft:
    """Return a draft; the order of draws is part of all saved traces of the simulation."""
    currency = chance.choice(mix.currencies)
    amount_minor = mix.amounts(chance)
    return EntryDraft(
        type=chance.choice(mix.types),
        amount_minor=amount_minor,
        currency=currency,
        account=chance.choice(mix.accounts),
        occurred_at=occurred_at(chance),
        category=chance.choice(mix.categories),
        description=chance.choice(mix.descriptions),
        metadata=mix.metadata if chance.random() < mix.metadata_share else {},
    )


def body_of(entry_draft: EntryDraft) -> dict[str, Any]:
    """Return the JSON body of a request to record a draft, without absent and empty fields."""
    optional = {
        "occurred_at": entry_draft.occurred_at,
        "category": entry_draft.category,
        "description": entry_draft.description,
        "metadata": dict(entry_draft.metadata) or None,
    }
    return {
        "type": entry_draft.type,
        "amount": format_amount(entry_draft.amount_minor, entry_draft.currency),
        "currency": entry_draft.currency,
        "account": entry_draft.account,
        **{name: value for name, value in optional.items() if value is not None},
    }


def entry(merchant_id: str, key: str, recorded: datetime = NOON, **fields: Any) -> Entry:
    """Return an entry as it is recorded; `fields` are of its draft, by default a credit of 1.00."""
    return recorded_entry(
        EntryDraft(**{"type": "credit", "amount_minor": 100, **fields}), merchant_id, key, recorded
    )


def recorded_entry(
    entry_draft: EntryDraft, merchant_id: str, key: str, recorded: datetime = NOON
) -> Entry:
    """Return the entry that a draft under an idempotency key records."""
    context = RecordingContext(merchant_id, "joana", recorded, ZONE, f"salt-of-{key}")
    return make_entry(entry_draft, context, entry_id(merchant_id, key))


def entries(
    seed: int, count: int, merchants: Sequence[str], days: int = 400, mix: Mix = MIXED
) -> list[Entry]:
    """Return entries of merchants over `days` up to NOON, in no order of their days."""
    return list(iterate_entries(seed, count, merchants, days, mix))


def iterate_entries(
    seed: int, count: int, merchants: Sequence[str], days: int = 400, mix: Mix = MIXED
) -> Iterator[Entry]:
    """Yield the entries of entries() one at a time, for counts that do not fit in memory."""
    chance = random.Random(seed)

    def occurred_at(chance: random.Random) -> str:
        return format_instant(NOON - timedelta(minutes=chance.randrange(days * 24 * 60)), ZONE)

    for number in range(count):
        merchant_id = chance.choice(merchants)
        recorded = NOON + timedelta(milliseconds=number)
        entry_draft = draft(chance, mix, occurred_at)
        yield recorded_entry(entry_draft, merchant_id, f"key-{seed}-{number}", recorded)


def item(recorded: Entry) -> dict[str, Any]:
    """Return the DynamoDB item of an entry."""
    return entry_item(StoredEntry(recorded, Fingerprint(_DIGEST, _DIGEST)))


def inserted(recorded: Entry, number: int = 0) -> dict[str, Any]:
    """Return the stream record of a new entry."""
    return _record("INSERT", recorded.entry_id, number, {"NewImage": item(recorded)})


def all_inserted(recorded: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the stream records of new entries."""
    return [inserted(entry) for entry in recorded]


def erased(recorded: Entry) -> dict[str, Any]:
    """Return the stream record of an entry whose texts were erased."""
    images = {"OldImage": item(recorded), "NewImage": item(without_texts(recorded))}
    return _record("MODIFY", recorded.entry_id, 1, images)


def removed(recorded: Entry) -> dict[str, Any]:
    """Return the stream record of a deleted item."""
    return _record("REMOVE", recorded.entry_id, 2, {"OldImage": item(recorded)})


def change(recorded: Entry) -> EntryChange:
    """Return the change by which the projector stores an entry."""
    occurred = parse_instant(recorded.occurred_at)
    return EntryChange(recorded, occurred, content_digest(recorded))


def correction(recorded: Entry, number: int, category: str | None) -> CategoryCorrection:
    """Return the correction of that number of an entry's category."""
    return CategoryCorrection(
        recorded.entry_id, recorded.merchant_id, recorded.day, category, number, "ana", NOON
    )


def corrected(newest: CategoryCorrection) -> dict[str, Any]:
    """Return the stream record of a correction."""
    image = correction_item(newest)
    event = "INSERT" if newest.number == 1 else "MODIFY"
    return _record(event, image["entry_id"]["S"], newest.number, {"NewImage": image})


def altered(recorded: Entry) -> Entry:
    """Return an entry with the same id and another amount, which a ledger never holds."""
    return recorded._replace(amount_minor=recorded.amount_minor + 1)


def _record(event: str, name: str, number: int, images: dict[str, Any]) -> dict[str, Any]:
    return {
        "eventID": f"{event}-{name}-{number}",
        "eventName": event,
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": {"entry_id": {"S": name}}, **images},
    }
