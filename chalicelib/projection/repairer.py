"""The read model as a rebuild sees and repairs it: PostgreSQL, as livro_projector, on one session.

Who repairs a merchant holds the merchant's row, as every projector does, so nothing of the merchant
changes in the meantime; the other merchants go on.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from chalicelib.postgres import Connections, Session
from chalicelib.projection.arrays import columns, texts
from chalicelib.projection.changes import Change
from chalicelib.projection.writer import Writer, statement

PAGE = 1000
_MERCHANTS = """
    SELECT merchant_id FROM merchants UNION SELECT merchant_id FROM entries
    UNION SELECT merchant_id FROM day_totals UNION SELECT merchant_id FROM month_totals
    UNION SELECT merchant_id FROM year_totals UNION SELECT merchant_id FROM category_totals
    ORDER BY merchant_id
"""
_MET = """
    CREATE TEMPORARY TABLE IF NOT EXISTS met (entry_id text COLLATE "C" PRIMARY KEY);
    TRUNCATE met
"""
_MEET = "INSERT INTO met SELECT unnest(CAST(:entry_ids AS text[])) ON CONFLICT DO NOTHING"
_NEVER_MET = """
    SELECT entry_id, merchant_id FROM entries
    WHERE NOT EXISTS (SELECT FROM met WHERE met.entry_id = entries.entry_id)
        AND (CAST(:merchant AS text) IS NULL OR merchant_id = :merchant) AND entry_id > :above
    ORDER BY entry_id LIMIT :page
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

    held: Sequence[Change]
    absent: Sequence[str]


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many rows were missing, stood otherwise, were of no entry, and how many totals wrong."""

    missing: int
    altered: int
    removed: int
    totals: int = 0


Ask = Callable[[Sequence[str]], Truth]


class Repairer(Writer):
    """A writer that also compares, and puts right what differs."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._connections = connections

    def begin(self) -> None:
        """Forget all ids met; the memory lives as long as the session."""
        self._connections.use(_begin)

    def close(self) -> None:
        """Close the session, and forget all ids met."""
        self._connections.close()

    def compare(self, changes: Sequence[Change]) -> dict[str, str | None]:
        """Meet these entries of the ledger; return those that stand here otherwise or not at all.

        By entry id: the merchant that the row stands under, None where there is no row.
        """
        if not changes:
            return {}

        def work(session: Session) -> dict[str, str | None]:
            session.rows(_MEET, entry_ids=texts(change.entry_id for change in changes))
            rows = session.rows(statement("compare_entries.sql"), **columns(changes))
            return dict(rows)

        return self._connections.use(work)

    def meet(self, entry_ids: Collection[str]) -> None:
        """Remember that the ledger holds these, though they could not be read."""
        ids = texts(entry_ids)
        self._connections.use(lambda session: session.rows(_MEET, entry_ids=ids))

    def never_met(self, merchant_id: str | None, above: str = "") -> dict[str, str]:
        """Return up to 1,000 rows, by id with their merchant, that the ledger never showed.

        They come in the order of ids, from just above `above` on; merchant None means all.
        """
        values = {"merchant": merchant_id, "above": above, "page": PAGE}
        rows = self._connections.use(lambda session: session.rows(_NEVER_MET, **values))
        return dict(rows)

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

    def put_right(
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
                wrong = sum(_recount(session, one) for one in sorted(merchants))
            return replace(done, totals=wrong)

        return self._connections.use(work)


def _begin(session: Session) -> None:
    session.script("SET statement_timeout = '5min'; SET idle_in_transaction_session_timeout = 0")
    session.script(_MET)


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
