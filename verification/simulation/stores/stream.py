"""The table's stream in memory: two shards, in order within each, every record at least once.

A shard is read from where its reader got to. Whatever raises is read again from there, in batches
cut otherwise; who was thought dead may still be at work on the same records; and what nobody reads
for a day is gone.
"""

import random
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from chalicelib.storage.dynamodb_items import Item

SHARDS = 2
Record = dict[str, Any]


class Stream:
    """All records so far, and how far each shard was read."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._shards: list[list[Record]] = [[] for _ in range(SHARDS)]
        self._read: list[int] = [0] * SHARDS
        self._numbers = 0
        self.trimmed = 0

    def append(self, before: Item | None, after: Item) -> None:
        """Take in a change of the table."""
        images = {"NewImage": after} if before is None else {"OldImage": before, "NewImage": after}
        self.insert("INSERT" if before is None else "MODIFY", after["entry_id"], images)

    def insert(self, kind: str, entry_id: dict[str, str], images: dict[str, Any]) -> None:
        """Take in a record of any kind."""
        self._numbers += 1
        record = {
            "eventID": f"event-{self._numbers}",
            "eventName": kind,
            "eventSource": "aws:dynamodb",
            "dynamodb": {"Keys": {"entry_id": entry_id}, **images},
        }
        self._shards[crc32(entry_id["S"].encode()) % SHARDS].append(record)

    def behind(self, shard: int) -> int:
        """Return how many records of a shard were not read yet."""
        return len(self._shards[shard]) - self._read[shard]

    def batch(self, shard: int, most: int) -> tuple[Sequence[Record], int]:
        """Return the next up to `most` records, and where the reader is once they are done."""
        start = self._read[shard]
        records = self._shards[shard][start : start + most]
        return records, start + len(records)

    def advance(self, shard: int, end: int) -> None:
        """Remember how far a shard was read; a reader that was overtaken changes nothing."""
        self._read[shard] = max(self._read[shard], end)

    def rewind(self, shard: int) -> int:
        """Lose where the reader was: some records come again. Return how many."""
        back = min(self._read[shard], self._chance.randint(1, 6))
        self._read[shard] -= back
        return back

    def trim(self, shard: int) -> int:
        """Lose what was not read within a day; return how many entries nobody will hear of."""
        lost = self.behind(shard)
        self._read[shard] = len(self._shards[shard])
        self.trimmed += lost
        return lost
