"""The read model as a rebuild compares and repairs it: PostgreSQL, as livro_projector, one session.

A repair locks the merchant's row, as every projector does, so nothing of that merchant changes
meanwhile. Other merchants in a projector's batch wait for it for four seconds at most.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.projection import category_writer, row_pages
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.row_digests import row_digest
from chalicelib.projection.row_pages import RowKey, SummedRows
from chalicelib.projection.row_sums import RowSums
from chalicelib.projection.writer import Writer, columns, statement
from chalicelib.storage.postgres import Session, texts

# One look into each index for each merchant, however many rows a merchant has.
_MERCHANTS = """
    WITH RECURSIVE known AS (
        SELECT '' COLLATE "C" AS merchant_id
        UNION ALL
        SELECT least(
            (SELECT min(merchant_id) FROM merchants AS t WHERE t.merchant_id > known.merchant_id),
            (SELECT min(merchant_id) FROM entries AS t WHERE t.merchant_id > known.merchant_id),
            (SELECT min(merchant_id) FROM day_totals AS t WHERE t.merchant_id > known.merchant_id),
            (SELECT min(merchant_id) FROM month_totals AS t
                WHERE t.merchant_id > known.merchant_id),
            (SELECT min(merchant_id) FROM year_totals AS t WHERE t.merchant_id > known.merchant_id),
            (SELECT min(merchant_id) FROM category_totals AS t
                WHERE t.merchant_id > known.merchant_id)
        ) FROM known WHERE known.merchant_id IS NOT NULL
    )
    SELECT merchant_id FROM known WHERE merchant_id <> '' ORDER BY merchant_id
"""
LOCK = """
    INSERT INTO merchants (merchant_id)
    SELECT merchant_id FROM unnest(CAST(:merchants AS text[])) AS given (merchant_id)
    ORDER BY merchant_id COLLATE "C"
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at = merchants.newest_recorded_at
"""
_BEGIN_REBUILD = """
    WITH noted AS (INSERT INTO unfinished_rebuild DEFAULT VALUES ON CONFLICT DO NOTHING)
    SELECT now()::text
"""
_END_REBUILD = """
    DELETE FROM unfinished_rebuild WHERE begun_at <= CAST(:began_at AS timestamptz)
"""
_DELETE = """
    DELETE FROM entries WHERE entry_id IN (
        SELECT entry_id FROM entries WHERE entry_id = ANY (CAST(:entry_ids AS text[]))
        ORDER BY entry_id FOR UPDATE
    ) RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class RepairResult:
    """How many rows were missing, altered or without an entry; wrong totals; wrong categories."""

    missing: int
    altered: int
    removed: int
    totals: int = 0
    categories: int = 0


ReadLedger = Callable[[Sequence[str]], AuthoritativeEntries]


class Repairer(Writer):
    """A writer that also compares the read model with the ledger and repairs it."""

    def begin(self) -> None:
        """Let statements take and wait as long as a large merchant needs.

        A function that vanishes during a repair holds its merchants for at most a minute.
        """
        self._connections.begin_with(
            "SET statement_timeout = '5min'; SET lock_timeout = 0;"
            " SET idle_in_transaction_session_timeout = '1min'"
        )

    def begin_rebuild(self) -> str:
        """Store that the read model is incomplete; return the server's time for `end_rebuild`.

        No nightly run begins until a rebuild of everything has ended.
        """
        rows = self._connections.use(lambda session: session.rows(_BEGIN_REBUILD))
        return str(rows[0][0])

    def end_rebuild(self, began_at: str) -> None:
        """Store that the read model is complete, unless it was created after `began_at`.

        A rebuild that goes on after the server was replaced has not compared the new read model
        from its beginning.
        """
        self._connections.use(lambda session: session.rows(_END_REBUILD, began_at=began_at))

    def close(self) -> None:
        """Close the session."""
        self._connections.close()

    def compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        """Return the ids of the given ledger entries whose row differs or is missing.

        Each id has the merchant of its row, or None if it has no row.
        """
        if not changes:
            return {}
        digests = {change.entry_id: row_digest(change) for change in changes}
        values = {"entry_ids": texts(digests), "digests": texts(digests.values())}
        rows = self._connections.use(
            lambda session: session.rows(statement("differing_digests.sql"), **values)
        )
        differing = {entry_id for (entry_id,) in rows}
        if not differing:
            return {}
        values = columns([change for change in changes if change.entry_id in differing])
        rows = self._connections.use(
            lambda session: session.rows(statement("compare_entries.sql"), **values)
        )
        return dict(rows)

    def differing_corrections(self, corrections: Sequence[CategoryCorrection]) -> set[str]:
        """Return the entries whose correction is missing in the read model, or differs there."""
        return self._connections.use(
            lambda session: category_writer.differing(session, corrections)
        )

    def sum_rows(self, merchant_id: str | None, after: RowKey | None, sums: RowSums) -> SummedRows:
        """Return the sums of the next rows of a merchant, or of all (None)."""
        return self._connections.use(
            lambda session: row_pages.sum_rows(session, merchant_id, after, sums)
        )

    def rows_of_buckets(
        self, merchant_id: str | None, after: RowKey | None, sums: RowSums
    ) -> tuple[list[RowKey], RowKey | None]:
        """Return those of the next rows that are in differing buckets, and the last of the rows."""
        return self._connections.use(
            lambda session: row_pages.rows_of_buckets(session, merchant_id, after, sums)
        )

    def merchants(self) -> list[str]:
        """Return every merchant that the read model has a row of."""
        rows = self._connections.use(lambda session: session.rows(_MERCHANTS))
        return [merchant_id for (merchant_id,) in rows]

    def wrong_totals(self, merchants: Sequence[str]) -> set[str]:
        """Return the merchants whose totals are not the sums of their entries."""
        values = texts(merchants)
        rows = self._connections.use(
            lambda session: session.rows(statement("differing_totals.sql"), merchants=values)
        )
        return {merchant_id for (merchant_id,) in rows}

    def repair(
        self, merchants: Collection[str], entry_ids: Sequence[str], read_ledger: ReadLedger
    ) -> RepairResult:
        """Lock merchants, rewrite entries and their categories, and recompute all of their totals.

        `read_ledger` runs while the merchants are locked, so its result is newer than anything a
        projector did before, and no projector writes until the repair is committed.
        """
        locked = texts(sorted(merchants))

        def work(session: Session) -> RepairResult:
            with session.transaction():
                session.rows(LOCK, merchants=locked)
                result = RepairResult(0, 0, 0)
                if entry_ids:
                    ledger = read_ledger(entry_ids)
                    category_writer.forget_early(session, entry_ids)
                    result = _rewrite(session, ledger)
                    categories = category_writer.rewrite(session, entry_ids, ledger.corrections)
                    result = replace(result, categories=categories)
                wrong = sum(repair_totals(session, texts([name])) for name in sorted(merchants))
            return replace(result, totals=wrong)

        return self._connections.use(work)


def _rewrite(session: Session, ledger: AuthoritativeEntries) -> RepairResult:
    removed = session.rows(_DELETE, entry_ids=texts(ledger.absent))
    changes = {change.entry_id: change for change in ledger.held}
    if not changes:
        return RepairResult(0, 0, len(removed))
    values = columns(list(changes.values()))
    rows = dict(session.rows(statement("compare_entries.sql"), **values))
    if rows:
        session.rows(_DELETE, entry_ids=texts(rows))
        rewritten = columns([changes[entry_id] for entry_id in rows])
        session.rows(statement("replace_entries.sql"), **rewritten)
    missing = sum(merchant_id is None for merchant_id in rows.values())
    return RepairResult(missing, len(rows) - missing, len(removed))


def repair_totals(session: Session, merchants: str) -> int:
    """Write the totals of locked merchants that are wrong; return how many were.

    `merchants` is an array literal.
    """
    session.rows(statement("compare_totals.sql"), merchants=merchants)
    wrong = int(session.rows(statement("repair_totals.sql"))[0][0])
    session.script("DROP TABLE differences")
    return wrong
