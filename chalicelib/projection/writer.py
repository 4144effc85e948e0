"""The read model as the projection writes it: PostgreSQL, as livro_projector."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chalicelib.projection.arrays import columns, texts
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.storage.postgres import Connections

_INCLUDED = re.compile(r"^ *-- ([a-z_]+\.sql)\n", re.MULTILINE)
_DIFFERING = """
    SELECT entry_id FROM entries
    JOIN unnest(CAST(:entry_ids AS text[]), CAST(:content_digests AS text[]))
        AS sent (entry_id, content_digest) USING (entry_id)
    WHERE entries.content_digest <> sent.content_digest
"""
_ERASE = """
    UPDATE entries SET description = NULL, search_text = NULL, metadata = '{}'
    WHERE entry_id IN (
        SELECT entry_id FROM entries WHERE entry_id = ANY (CAST(:entry_ids AS text[]))
            AND (description IS NOT NULL OR metadata <> '{}')
        ORDER BY entry_id FOR UPDATE
    )
"""


class Writer:
    """What the projection does to the read model; every operation may be repeated."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Add the entries that are not there, and them to the totals; return how many were new.

        No two changes may have one id. All or nothing: raises ValueRejectedError when one of them can
        never be added, DatabaseUnreachableError when trying again may help.
        """
        values = columns(changes)
        rows = self._connections.use(
            lambda session: session.rows(statement("add_entries.sql"), **values)
        )
        return int(rows[0][0])

    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids of those that the read model holds with another content."""
        values = columns_of_digests(changes)
        rows = self._connections.use(lambda session: session.rows(_DIFFERING, **values))
        return [entry_id for (entry_id,) in rows]

    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries for good."""
        ids = texts(entry_ids)
        self._connections.use(lambda session: session.rows(_ERASE, entry_ids=ids))


@cache
def statement(name: str) -> str:
    """Return the SQL of a file of this room; a line `-- other.sql` in it stands for that file."""
    return _INCLUDED.sub(lambda found: _read(found[1]), _read(name))


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def columns_of_digests(changes: Sequence[EntryChange]) -> dict[str, str]:
    """Return the arrays of ids and content digests."""
    return {
        "entry_ids": texts(change.entry_id for change in changes),
        "content_digests": texts(change.digest for change in changes),
    }
