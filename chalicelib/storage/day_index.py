"""The table's index of a merchant's days, in shards."""

MERCHANT_DAY_INDEX = "by-merchant-day"
SHARDS = 4


def shard_of(item_id: str) -> int:
    """Return an item's index shard; with shards a merchant can exceed 1,000 writes a second."""
    return ord(item_id[0]) % SHARDS


def merchant_shard(merchant_id: str, shard: int) -> str:
    """Return the index partition of one shard of a merchant."""
    return f"{merchant_id}#{shard}"
