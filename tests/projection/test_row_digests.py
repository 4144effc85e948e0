"""The digest of a row is the same in Python and in PostgreSQL, and notices every column."""

import pytest

from chalicelib.ledger.entries import without_texts
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_digests import row_digest
from chalicelib.projection.writer import statement
from chalicelib.storage.postgres import texts
from tests.fixtures.projection import Projection
from verification.kit.generators import change, entries

DESCRIPTION = "Pão\n\t\x01\x7f\u2028 'de' \"açúcar\" \\ 🥐" + "x" * 300
METADATA = {"nota": 'A"\\{},\x02', "é": "🥐", "zz": "", "a": "\u2028\x7f/"}


def _differing(projection: Projection, changes: list[EntryChange]) -> list[str]:
    rows = projection.database.run(
        statement("differing_digests.sql"),
        entry_ids=texts(change.entry_id for change in changes),
        digests=texts(map(row_digest, changes)),
    )
    return [entry_id for (entry_id,) in rows]


def test_rows_have_the_digests_of_their_entries(emptied: Projection, repairer: Repairer) -> None:
    recorded = entries(47, 100, ["padaria", "rival"])
    recorded[0] = recorded[0]._replace(description=DESCRIPTION, metadata=METADATA)
    recorded[1] = without_texts(recorded[1])
    changes = [change(entry) for entry in recorded]
    repairer.add(changes[:99])
    assert _differing(emptied, changes) == [recorded[99].entry_id]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *((name, "'other'") for name in ("merchant_id", "account", "recorded_by", "category")),
        *((name, "'other'") for name in ("description", "search_text", "reverses", "occurred_at")),
        *((name, "'other'") for name in ("text_digest", "content_digest")),
        ("type", "CASE type WHEN 'debit' THEN 'credit' ELSE 'debit' END"),
        ("amount_minor", "amount_minor + 1"),
        ("currency", "'USD'"),
        ("day", "day + 1"),
        ("occurred_instant", "occurred_instant + interval '1 microsecond'"),
        ("recorded_at", "recorded_at + interval '1 microsecond'"),
        ("metadata", 'metadata || \'{"a": "b"}\''),
    ],
)
def test_every_altered_column_is_noticed(
    emptied: Projection, repairer: Repairer, column: str, value: str
) -> None:
    changes = [change(entry) for entry in entries(48, 3, ["padaria"])]
    repairer.add(changes)
    emptied.database.run(
        f"UPDATE entries SET {column} = {value} WHERE entry_id = :entry_id",
        entry_id=changes[1].entry_id,
    )
    assert list(repairer.compare(changes)) == [changes[1].entry_id]
