"""Entries written out as items of the table: everything here is literal."""

from typing import Any

MERCHANT = "golden-bakery"
DAY = "2025-03-14"
ID = "a" * 32


def items() -> list[dict[str, Any]]:
    """Return the two entries of the golden day, as the table holds them."""
    second = {"type": "debit", "occurred_at": f"{DAY}T09:30:00.5-03:00", "text_digest": "b" * 43}
    # The digest is of these texts with this salt.
    texts = {"description": "Venda balcão", "text_salt": "salt"}
    texts["text_digest"] = "0VwOFoDCq-vSH7bGTVBxGl47WMubyoyl-PboztQTKyM"
    return [
        item(ID, "15075", category="sales", **texts),
        item("b" * 32, "2000", **second),
    ]


def item(entry_id: str, minor: str, **texts: str) -> dict[str, Any]:
    """Return an entry of the golden day, and by default of the golden merchant."""
    merchant = texts.get("merchant_id", MERCHANT)
    attributes = {
        "entry_id": entry_id,
        "kind": "entry",
        "merchant_id": merchant,
        "type": "credit",
        "currency": "BRL",
        "account": "main",
        "day": DAY,
        "occurred_at": f"{DAY}T12:00:00-03:00",
        "recorded_at": f"{DAY}T15:00:00.250Z",
        "recorded_by": "joana",
        "text_digest": "a" * 43,
        "request_digest": "r" * 43,
        "merchant_shard": f"{merchant}#{ord(entry_id[0]) % 4}",
        "day_entry": f"{DAY}#{entry_id}",
        **texts,
    }
    texts_of_item = {name: {"S": text} for name, text in attributes.items()}
    return {**texts_of_item, "amount_minor": {"N": minor}}
