"""Closings in PostgreSQL, as livro_reader: one call, one statement, one round trip each."""

from datetime import date
from typing import Any

from chalicelib.ledger.seals import leaf_of
from chalicelib.queries import read_model
from chalicelib.queries.closings import LeafReading, Version
from chalicelib.queries.read_model import ReadModel
from chalicelib.storage.postgres_rows import row_entry

_CLOSINGS = "SELECT day_closings(:merchant, :day)"
_LEAVES = "SELECT closing_entries(:merchant, :day, :version, :above, :page_size)"
_COLUMNS = (
    *("entry_id", "type", "amount_minor", "currency", "account", "day"),
    *("occurred_at", "recorded_at", "reverses", "text_digest"),
)
"""What closing_entries() tells of each: all that is part of a leaf, but for the merchant."""
_KEYS = "SELECT public_keys()"


def real() -> "PostgresClosings":
    """Return this process's reads, over the connections of all its reads."""
    return PostgresClosings(read_model.real())


class PostgresClosings:
    """The reads of closings; threads share it. Each raises ReadModelUnavailableError."""

    def __init__(self, reads: ReadModel) -> None:
        self._reads = reads

    def closings(self, merchant_id: str, day: date) -> list[dict[str, Any]]:
        """Return a day's closings as they were published, newest first."""
        response: list[dict[str, Any]] = self._reads.ask(_CLOSINGS, merchant=merchant_id, day=day)
        return response

    def leaves(self, merchant_id: str, version: Version, above: str, limit: int) -> LeafReading:
        """Return up to `limit` + 1 leaves of a version from just above an entry's id on."""
        answer = self._reads.ask(
            _LEAVES,
            merchant=merchant_id,
            day=version.day,
            version=version.number,
            above=above,
            page_size=limit,
        )
        rows = (dict(zip(_COLUMNS, row, strict=True)) for row in answer["items"])
        leaves = [leaf_of(row_entry({**row, "merchant_id": merchant_id})) for row in rows]
        return LeafReading(leaves, bytes.fromhex(answer["secret"]))

    def public_keys(self) -> dict[str, str]:
        """Return the public halves (PEM) of all keys that ever sealed a closing, by their ids."""
        response: dict[str, str] = self._reads.ask(_KEYS)
        return response
