"""Sums by which a rebuild finds rows that the ledger does not have, without looking each row up.

While the ledger is read, the hash of each entry goes into the sum of one of 256 buckets; afterwards
PostgreSQL subtracts the hashes of its rows in the same way. Where nothing is left, both sides
have the same entries, each of the same merchant. Only the rows of other buckets are looked up in
the ledger by their ids. The hash is salted at random for each rebuild, so nobody can choose rows
whose hashes cancel out; and because hashes are positive, rows that are merely too many always leave
something.

Live traffic does not disturb the sums: they have only entries recorded before a moment an hour
before the rebuild, and later rows are looked up one by one. That moment and the salt are in the
position, so clocks may be wrong, and differ.

A sum can be wrong in many ways: an item of the table is read twice, or not shown by an eventually
consistent scan; an item cannot be read, although its row is here; a row is inserted, moved by hand
or repaired while rows are summed; the moment of a row was altered. Each of these leaves something
in a bucket, so that more rows are looked up, and never fewer. A row is trusted only where all of
its bucket agrees with what was read from the ledger, which deletes nothing. A piece of a rebuild
that is repeated begins with the sums of its position, which belong to the same place in the ledger.
Erasures and corrections change nothing that is hashed; a correction is looked up for each row that
has one.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from chalicelib.ledger.entries import Entry

BUCKETS = 256
LARGEST_HASH = 2**63 - 1
_SETTLED_AFTER = timedelta(hours=1)
"""Longer than a request, a scan's delay and the difference between clocks take together."""


def _settled() -> str:
    return (datetime.now(UTC) - _SETTLED_AFTER).isoformat()


@dataclass(frozen=True, slots=True)
class RowSums:
    """For each bucket, the sum over the ledger's entries minus that over the read model's rows.

    Only those that were recorded before a moment count.
    """

    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    before: str = field(default_factory=_settled)
    sums: tuple[int, ...] = (0,) * BUCKETS

    def plus(self, entries: Iterable[Entry]) -> "RowSums":
        """Return the sums with these entries of the ledger added."""
        before = datetime.fromisoformat(self.before)
        sums = list(self.sums)
        for entry in entries:
            if entry.recorded_at < before:
                number = self.hash_of(entry.merchant_id, entry.entry_id)
                sums[number % BUCKETS] += number
        return replace(self, sums=tuple(sums))

    def minus(self, rows: Mapping[int, int]) -> "RowSums":
        """Return the sums less those of some rows, by bucket."""
        sums = [number - rows.get(bucket, 0) for bucket, number in enumerate(self.sums)]
        return replace(self, sums=tuple(sums))

    def hash_of(self, merchant_id: str, entry_id: str) -> int:
        """Return the hash of an entry, as sum_rows.sql does; all ids are of one length."""
        digest = sha256((self.salt + merchant_id + entry_id).encode()).digest()
        return int.from_bytes(digest[:8], "big") & LARGEST_HASH

    @property
    def differing(self) -> list[int]:
        """The buckets in which the ledger and the rows do not agree."""
        return [bucket for bucket, number in enumerate(self.sums) if number]
