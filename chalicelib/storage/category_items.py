"""How corrections of categories are stored in DynamoDB: one item for each corrected entry.

The index has it after all entries of its merchant: a rebuild of the merchant reads both, and a
reader of a day only the entries.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import correction_id_of
from chalicelib.ledger.instants import format_instant
from chalicelib.storage.day_index import merchant_shard, shard_of

KIND = "category"


def correction_item(correction: CategoryCorrection) -> dict[str, Any]:
    """Return the item of a correction; that of no category has no attribute `category`."""
    item_id, day = correction_id_of(correction.entry_id), correction.day.isoformat()
    texts = {
        "entry_id": item_id, "kind": KIND, "merchant_id": correction.merchant_id,
        "corrects": correction.entry_id, "day": day, "category": correction.category,
        "corrected_by": correction.corrected_by,
        "corrected_at": format_instant(correction.corrected_at),
        "merchant_shard": merchant_shard(correction.merchant_id, shard_of(item_id)),
        "day_entry": f"{KIND}#{day}#{item_id}",
    }  # fmt: skip
    item: dict[str, Any] = {name: {"S": text} for name, text in texts.items() if text is not None}
    item["number"] = {"N": str(correction.number)}
    return item


def item_correction(item: Mapping[str, Any]) -> CategoryCorrection:
    """Return the correction of an item; raise KeyError or ValueError if it is broken."""
    return CategoryCorrection(
        entry_id=item["corrects"]["S"],
        merchant_id=item["merchant_id"]["S"],
        day=date.fromisoformat(item["day"]["S"]),
        category=item["category"]["S"] if "category" in item else None,
        number=int(item["number"]["N"]),
        corrected_by=item["corrected_by"]["S"],
        corrected_at=datetime.fromisoformat(item["corrected_at"]["S"]),
    )


def is_correction(item: Mapping[str, Any]) -> bool:
    """Return whether an item is a correction of a category."""
    return bool(item["kind"]["S"] == KIND)
