"""The read model as a rebuild sees and repairs it: PostgreSQL, as livro_projector, on one session.

Who repairs a merchant holds the merchant's row, as every projector does, so nothing of the merchant
changes in the meantime; the other merchants go on.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib.projection.arrays import columns, texts
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.writer import Writer, statement
from chalicelib.storage.postgres import Connections, Session

_MERCHANTS = """
    SELECT merchant_id FROM merchants UNION SELECT merchant_id FROM entries
    UNION SELECT merchant_id FROM day_totals UNION SELECT merchant_id FROM month_totals
    UNION SELECT merchant_id FROM year_totals UNION SELECT merchant_id FROM category_totals
    ORDER BY merchant_id
"""
# The order of the index `entries_in_order`, so that no page begins by sorting.
_ROWS_OF_ALL = """
    SELECT merchant_id, day::text, occurred_instant::text, entry_id FROM entries
    WHERE (merchant_id, day, occurred_instant, entry_id) > (CAST(:merchant AS text),
        CAST(:day AS date), CAST(:instant AS timestamptz), CAST(:entry AS text))
    ORDER BY merchant_id, entries.day, entries.occurred_instant, entry_id LIMIT 1000
"""
_ROWS_OF_ONE = """
    SELECT merchant_id, day::text, occurred_instant::text, entry_id FROM entries
    WHERE merchant_id = CAST(:merchant AS text) AND (day, occurred_instant, entry_id)
        > (CAST(:day AS date), CAST(:instant AS timestamptz), CAST(:entry AS text))
    ORDER BY merchant_id, entries.day, entries.occurred_instant, entry_id LIMIT 1000
"""
_HOLD = """
    INSERT INTO merchants (merchant_id)
    SELECT merchant_id FROM unnest(CAST(:merchants AS text[])) AS asked (merchant_id)
    ORDER BY merchant_id COLLATE "C"
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at = merchants.newest_recorded_at
"""
_REMOVE = """
    DELETE FROM entries WHERE entry_id IN (
        SELECT entry_id FROM entries WHERE entry_id = ANY (CAST(:entry_ids AS text[]))
        ORDER BY entry_id FOR UPDATE
    ) RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the ledger says about some ids now: the entries it holds, and ids of no entry."""

    held: Sequence[EntryChange]
    absent: Sequence[str]


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many rows were missing, stood otherwise, were of no entry, and how many totals wrong."""

    missing: int
    altered: int
    removed: int
    totals: int = 0


class RowKey(NamedTuple):
    """An entry's row and its place in the order of all rows; moments are PostgreSQL's texts."""

    merchant_id: str
    day: str
    instant: str
    entry_id: str


Ask = Callable[[Sequence[str]], Truth]


class Repairer(Writer):
    """A writer that also compares, and puts right what differs."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._connections = connections

    def begin(self) -> None:
        """Let statements take as long as a large merchant does."""
        self._connections.use(_begin)

    def close(self) -> None:
        """Close the session."""
        self._connections.close()

    def compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        """Return those of these entries of the ledger that stand here otherwise or not at all.

        By entry id: the merchant that the row stands under, None where there is no row.
        """
        if not changes:
            return {}
        values = columns(changes)
        rows = self._connections.use(
            lambda session: session.rows(statement("compare_entries.sql"), **values)
        )
        return dict(rows)

    def rows_after(self, merchant_id: str | None, after: RowKey | None) -> list[RowKey]:
        """Return up to 1,000 rows of a merchant, or (None) of all, from just after one on.

        They come in one order; after None is the beginning, and no rows are the end.
        """
        request = _ROWS_OF_ALL if merchant_id is None else _ROWS_OF_ONE
        start = after or RowKey(merchant_id or "", "-infinity", "-infinity", "")
        values = dict(zip(("merchant", "day", "instant", "entry"), start, strict=True))
        rows = self._connections.use(lambda session: session.rows(request, **values))
        return [RowKey(*row) for row in rows]

    def merchants(self) -> list[str]:
        """Return all merchants that anything here belongs to."""
        rows = self._connections.use(lambda session: session.rows(_MERCHANTS))
        return [merchant_id for (merchant_id,) in rows]

    def wrong_totals(self, merchants: Sequence[str]) -> set[str]:
        """Return those of some merchants whose totals are not the sums of their entries."""
        wanted = texts(merchants)
        rows = self._connections.use(
            lambda session: session.rows(statement("differing_totals.sql"), merchants=wanted)
        )
        return {merchant_id for (merchant_id,) in rows}

    def repair(
        self, merchants: Collection[str], entry_ids: Sequence[str], ask: "Ask"
    ) -> "Repaired":
        """Hold merchants, ask the ledger about entries, make them so, and count all totals anew.

        `ask` runs while the merchants are held, so its answer is newer than whatever a projector
        did before, and no projector can do more until this is done.
        """
        held = texts(sorted(merchants))

        def work(session: Session) -> Repaired:
            with session.transaction():
                session.rows(_HOLD, merchants=held)
                done = _make_so(session, ask(entry_ids)) if entry_ids else Repaired(0, 0, 0)
                wrong = sum(_recount(session, merchant) for merchant in sorted(merchants))
            return replace(done, totals=wrong)

        return self._connections.use(work)


def _begin(session: Session) -> None:
    session.script("SET statement_timeout = '5min'; SET idle_in_transaction_session_timeout = 0")


def _recount(session: Session, merchant_id: str) -> int:
    session.rows(statement("count_entries.sql"), merchant=merchant_id)
    merchants = texts([merchant_id])
    wrong = int(session.rows(statement("recount.sql"), merchants=merchants)[0][0])
    session.script("DROP TABLE counted")
    return wrong


def _make_so(session: Session, truth: Truth) -> Repaired:
    removed = session.rows(_REMOVE, entry_ids=texts(truth.absent))
    changes = {change.entry_id: change for change in truth.held}
    if not changes:
        return Repaired(0, 0, len(removed))
    values = columns(list(changes.values()))
    rows = dict(session.rows(statement("compare_entries.sql"), **values))
    if rows:
        session.rows(_REMOVE, entry_ids=texts(rows))
        put = columns([changes[entry_id] for entry_id in rows])
        session.rows(statement("replace_entries.sql"), **put)
    missing = sum(merchant_id is None for merchant_id in rows.values())
    return Repaired(missing, len(rows) - missing, len(removed))
