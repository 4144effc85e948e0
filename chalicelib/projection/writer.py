"""The read model as the projection writes it: PostgreSQL, as livro_projector."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.instants import isoformat_in_utc
from chalicelib.ledger.text import searchable
from chalicelib.projection import category_writer
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.storage.postgres import Connections, ValueRejectedError, texts

_DIFFERING = """
    SELECT entry_id FROM entries
    JOIN unnest(CAST(:entry_ids AS text[]), CAST(:content_digests AS text[]))
        AS incoming (entry_id, content_digest) USING (entry_id)
    WHERE entries.content_digest <> incoming.content_digest
"""
_ERASE = """
    UPDATE entries SET description = NULL, search_text = NULL, metadata = '{}'
    WHERE entry_id IN (
        SELECT entry_id FROM entries WHERE entry_id = ANY (CAST(:entry_ids AS text[]))
            AND (description IS NOT NULL OR metadata <> '{}')
        ORDER BY entry_id FOR UPDATE
    )
"""


_LOCKED = """
    WITH given AS (SELECT unnest(CAST(:merchants AS text[])) AS merchant_id),
    free AS MATERIALIZED (
        SELECT merchant_id FROM merchants JOIN given USING (merchant_id)
        FOR NO KEY UPDATE OF merchants SKIP LOCKED
    )
    SELECT merchant_id FROM merchants JOIN given USING (merchant_id)
    WHERE merchant_id NOT IN (SELECT merchant_id FROM free)
"""


class Writer:
    """What the projection does to the read model; every operation may be repeated."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Insert the entries that are new and add them to the totals; return their number.

        The changes must have different ids. All are applied, or none: raises ValueRejectedError
        when one of them can never be inserted, DatabaseUnreachableError when a retry may succeed.
        """
        values = columns(changes)
        rows = self._connections.use(
            lambda session: session.rows(statement("add_entries.sql"), **values)
        )
        return int(rows[0][0])

    def correct(self, corrections: Sequence[CategoryCorrection]) -> int:
        """Apply corrections of different entries, where they are newer; return how many were.

        One that arrives before its entry waits for it.
        """
        return self._connections.use(lambda session: category_writer.correct(session, corrections))

    def locked(self, merchants: Iterable[str]) -> set[str]:
        """Return the merchants that somebody else locks now, without waiting for them."""
        values = texts(merchants)
        rows = self._connections.use(lambda session: session.rows(_LOCKED, merchants=values))
        return {merchant_id for (merchant_id,) in rows}

    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids of those that the read model holds with another content."""
        values = {
            "entry_ids": texts(change.entry_id for change in changes),
            "content_digests": texts(change.digest for change in changes),
        }
        rows = self._connections.use(lambda session: session.rows(_DIFFERING, **values))
        return [entry_id for (entry_id,) in rows]

    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries for good."""
        ids = texts(entry_ids)
        self._connections.use(lambda session: session.rows(_ERASE, entry_ids=ids))


class EntryInserter(Protocol):
    """A read model that entries are added to: PostgreSQL, or the simulation's memory."""

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Add all, or raise and add none; return how many were new."""
        ...


@dataclass(frozen=True, slots=True)
class InsertResult:
    """How many changes were new, and which the read model rejected, each with the reason."""

    new: int
    rejected: tuple[tuple[EntryChange, str], ...] = ()


def insert_bisecting(read_model: EntryInserter, changes: Sequence[EntryChange]) -> InsertResult:
    """Add changes of different ids; halve a rejected batch until each faulty change is isolated.

    Raises any other error; some of the changes may have been added by then, which is harmless,
    because adding an entry again has no effect.
    """
    if not changes:
        return InsertResult(0)
    try:
        return InsertResult(read_model.add(changes))
    except ValueRejectedError as error:
        if len(changes) == 1:
            return InsertResult(0, ((changes[0], f"the read model refuses it: {error}"),))
    middle = len(changes) // 2
    first = insert_bisecting(read_model, changes[:middle])
    second = insert_bisecting(read_model, changes[middle:])
    return InsertResult(first.new + second.new, first.rejected + second.rejected)


@cache
def statement(name: str) -> str:
    """Return the SQL statement in a file of this package."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def columns(changes: Sequence[EntryChange]) -> dict[str, str]:
    """Return the columns of entries as PostgreSQL array literals, by parameter name.

    An array per column is the fastest way to pass a batch to incoming_entries().
    """
    # Lists are faster than generators, and a call per element costs more than either.
    entries = [change.entry for change in changes]
    descriptions = [entry.description for entry in entries]
    return {
        "entry_ids": _plain([entry.entry_id for entry in entries]),
        "merchants": _plain([entry.merchant_id for entry in entries]),
        "entry_types": _plain([entry.type for entry in entries]),
        "amounts": _plain([str(entry.amount_minor) for entry in entries]),
        "currencies": _plain([entry.currency for entry in entries]),
        "accounts": _plain([entry.account for entry in entries]),
        "days": _plain([entry.day.isoformat() for entry in entries]),
        "occurred_texts": _plain([entry.occurred_at for entry in entries]),
        "occurred_instants": _plain([isoformat_in_utc(change.occurred) for change in changes]),
        "recorded_instants": _plain([isoformat_in_utc(entry.recorded_at) for entry in entries]),
        "recorders": texts([entry.recorded_by for entry in entries]),
        "categories": texts([entry.category for entry in entries]),
        "descriptions": texts(descriptions),
        "search_texts": texts([text and searchable(text) for text in descriptions]),
        "metadata_texts": texts([_json(entry.metadata) for entry in entries]),
        "reversed_ids": texts([entry.reverses for entry in entries]),
        "text_digests": _plain([entry.text_digest for entry in entries]),
        "content_digests": _plain([change.digest for change in changes]),
    }


def _plain(values: Sequence[str]) -> str:
    # Only for values that cannot contain a quotation mark or a backslash.
    joined = '","'.join(values)
    return f'{{"{joined}"}}' if joined else "{}"


def _json(metadata: Mapping[str, str]) -> str:
    return json.dumps(dict(metadata)) if metadata else "{}"
