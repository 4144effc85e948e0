"""The read model as it is loaded while it is empty: PostgreSQL, as livro_projector, one session."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.projection import category_writer
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import LOCK, Repairer
from chalicelib.projection.writer import columns, statement
from chalicelib.storage.postgres import DatabaseUnreachableError, Session, texts

_LOADING = "SELECT loads = 'entries', now()::text FROM unfinished_rebuild WHERE loads IS NOT NULL"
_END_ENTRIES = """
    UPDATE unfinished_rebuild SET loads = 'totals'
    WHERE loads = 'entries' AND begun_at <= CAST(:began_at AS timestamptz)
"""
_IS_NEWER = """
    SELECT EXISTS (
        SELECT FROM unfinished_rebuild
        WHERE loads IS NOT NULL AND begun_at > CAST(:began_at AS timestamptz)
    )
"""
_TOTALS = ("day_totals", "month_totals", "year_totals", "category_totals")
_DELETE_TOTALS = [
    f"DELETE FROM {table} WHERE merchant_id = ANY (CAST(:merchants AS text[]))"  # noqa: S608
    for table in _TOTALS
]
_APPLY_CORRECTIONS = """
    WITH taken AS (
        DELETE FROM early_corrections AS early USING entries
        WHERE early.merchant_id = ANY (CAST(:merchants AS text[]))
            AND early.entry_id = entries.entry_id
        RETURNING early.entry_id, early.correction, early.category
    )
    UPDATE entries SET correction = taken.correction, corrected_category = taken.category
    FROM taken
    WHERE entries.entry_id = taken.entry_id AND taken.correction > coalesce(entries.correction, 0)
"""


class LoadEndedError(DatabaseUnreachableError):
    """This load cannot go on: another call has begun with the totals, or the server is new."""


class Loading(NamedTuple):
    """Whether entries can be loaded still, and the server's time, for `end_rebuild`."""

    takes_entries: bool
    began_at: str


class Loader(Repairer):
    """A repairer that inserts entries without comparing them, and totals afterwards."""

    def begin(self) -> None:
        """Let statements take as long as they need, and leave marks to `total`.

        The server finishes an index even if the function that waits for it ends before.
        """
        self._connections.begin_with(
            "SET app.loading = 'on'; SET statement_timeout = 0; SET lock_timeout = 0;"
            " SET idle_in_transaction_session_timeout = '1min'; SET work_mem = '128MB';"
            " SET maintenance_work_mem = '1GB'"
        )

    def loading(self) -> "Loading | None":
        """Return how far the read model is loaded; None if it is complete, or is compared."""
        rows = self._connections.use(lambda session: session.rows(_LOADING))
        return Loading(*rows[0]) if rows else None

    def drop_indexes(self) -> None:
        """Drop the indexes of entries that are built again at the end."""
        self._connections.use(lambda session: session.rows("SELECT drop_entry_indexes()"))

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Insert the entries that are missing, without totals; return their number.

        Raises ValueRejectedError as Writer.add does, and LoadEndedError.
        """
        values = columns(changes)
        rows = self._connections.use(
            lambda session: session.rows(statement("load_entries.sql"), **values)
        )
        is_open, added = rows[0]
        _check_open(is_open)
        return int(added)

    def add_corrections(self, corrections: Sequence[CategoryCorrection]) -> None:
        """Store corrections beside their entries, for `total`; raise LoadEndedError as `add`."""
        if corrections:
            self._connections.use(lambda session: _store_corrections(session, corrections))

    def end_entries(self, began_at: str) -> None:
        """Wait until no other call loads entries; from now on none can.

        Raises LoadEndedError for a read model that was created after `began_at`: the load has
        inserted its first entries into another one.
        """
        self._connections.use(lambda session: session.rows(_END_ENTRIES, began_at=began_at))
        self._check_age(began_at)

    def end_rebuild(self, began_at: str) -> None:
        """Store that the read model is complete; it may be repeated. Raises as `end_entries`."""
        super().end_rebuild(began_at)
        self._check_age(began_at)

    def _check_age(self, began_at: str) -> None:
        rows = self._connections.use(lambda session: session.rows(_IS_NEWER, began_at=began_at))
        if rows[0][0]:
            raise LoadEndedError(
                "The read model was created after this load began; begin another one."
            )

    def build_index(self) -> int:
        """Build the next dropped index; return how many are left. Projectors wait meanwhile."""
        rows = self._connections.use(lambda session: session.rows("SELECT build_entry_index()"))
        return int(rows[0][0])

    def total(self, merchants: Sequence[str]) -> None:
        """Apply corrections, compute totals of merchants, and mark their days, all at once."""
        locked = texts(sorted(merchants))

        def work(session: Session) -> None:
            with session.transaction():
                session.rows(LOCK, merchants=locked)
                session.rows(_APPLY_CORRECTIONS, merchants=locked)
                for deletion in _DELETE_TOTALS:  # those that the projector wrote meanwhile
                    session.rows(deletion, merchants=locked)
                session.rows(statement("load_totals.sql"), merchants=locked)

        self._connections.use(work)


def _store_corrections(session: Session, corrections: Sequence[CategoryCorrection]) -> None:
    values = category_writer.columns(corrections)
    _check_open(session.rows(statement("load_corrections.sql"), **values)[0][0])


def _check_open(is_open: bool) -> None:
    if not is_open:
        raise LoadEndedError("Entries are not loaded any more.")
