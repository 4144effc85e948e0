"""The table's stream in memory: two shards, ordered, each record delivered at least once.

After an error a shard is read again from the same position, in batches of other sizes; a reader
that seemed dead may still process the same records; records unread for a day are lost.
"""

import random
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from chalicelib.storage.dynamodb_items import Item

SHARDS = 2
Record = dict[str, Any]


class Stream:
    """All records, and the position of each shard's reader."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._shards: list[list[Record]] = [[] for _ in range(SHARDS)]
        self._read: list[int] = [0] * SHARDS
        self._numbers = 0
        self.trimmed = 0

    def append(self, before: Item | None, after: Item) -> None:
        """Append a change of the table."""
        images = {"NewImage": after} if before is None else {"OldImage": before, "NewImage": after}
        self.insert("INSERT" if before is None else "MODIFY", after["entry_id"], images)

    def insert(self, kind: str, entry_id: dict[str, str], images: dict[str, Any]) -> None:
        """Append a record of any kind."""
        self._numbers += 1
        record = {
            "eventID": f"event-{self._numbers}",
            "eventName": kind,
            "eventSource": "aws:dynamodb",
            "dynamodb": {"Keys": {"entry_id": entry_id}, **images},
        }
        self._shards[crc32(entry_id["S"].encode()) % SHARDS].append(record)

    def behind(self, shard: int) -> int:
        """Return the number of records of a shard that were not read yet."""
        return len(self._shards[shard]) - self._read[shard]

    def batch(self, shard: int, most: int) -> tuple[Sequence[Record], int]:
        """Return up to `most` next records, and the reader's position after them."""
        start = self._read[shard]
        records = self._shards[shard][start : start + most]
        return records, start + len(records)

    def advance(self, shard: int, end: int) -> None:
        """Advance a shard's reader; an earlier position changes nothing."""
        self._read[shard] = max(self._read[shard], end)

    def rewind(self, shard: int) -> None:
        """Set a shard's reader back by some records, so that they are delivered again."""
        self._read[shard] -= min(self._read[shard], self._chance.randint(1, 6))

    def trim(self, shard: int) -> None:
        """Drop a shard's unread records, as if nobody had read them for a day."""
        self.trimmed += self.behind(shard)
        self._read[shard] = len(self._shards[shard])
