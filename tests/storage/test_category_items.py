"""A correction of a category is stored whole, beside the entries of its merchant in the index."""

from datetime import UTC, date, datetime

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import correction_id_of
from chalicelib.storage.category_items import correction_item
from chalicelib.storage.dynamodb_items import is_entry, stored_item

FIX = CategoryCorrection(
    "a" * 32, "padaria", date(2026, 11, 23), "energy", 7, "ana", datetime(2026, 11, 23, tzinfo=UTC)
)


def test_correction_is_stored_whole() -> None:
    for fix in (FIX, FIX._replace(category=None)):
        item = correction_item(fix)
        assert stored_item(item) == fix
        assert not is_entry(item)
        assert item["entry_id"]["S"] == correction_id_of("a" * 32)
        assert item["merchant_shard"]["S"].startswith("padaria#")
        assert item["day_entry"]["S"] > "9999-12-31#~"  # no query of a day's entries reads it
