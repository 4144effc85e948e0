"""The categories of entries in the read model, as the projection corrects them in PostgreSQL."""

from collections.abc import Sequence

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.storage.postgres import Session, texts

_CORRECT = "SELECT correct_categories(:entry_ids, :merchants, :numbers, :categories)"
# An entry that is not here yet has its correction among those that arrived early.
_DIFFERING = """
    SELECT given.entry_id
    FROM unnest(CAST(:entry_ids AS text[]), CAST(:merchants AS text[]),
        CAST(:numbers AS integer[]), CAST(:categories AS text[]))
        AS given (entry_id, merchant_id, number, category)
    LEFT JOIN entries USING (entry_id) LEFT JOIN early_corrections AS early USING (entry_id)
    WHERE (given.number, given.category) IS DISTINCT FROM (
        CASE WHEN entries.entry_id IS NULL THEN early.correction ELSE entries.correction END,
        CASE WHEN entries.entry_id IS NULL THEN early.category ELSE entries.corrected_category END
    )
"""
_REWRITE = """
    WITH right_ones AS (
        SELECT entry_id, given.number, given.category
        FROM unnest(CAST(:all_ids AS text[])) AS every (entry_id)
        LEFT JOIN unnest(CAST(:entry_ids AS text[]), CAST(:merchants AS text[]),
            CAST(:numbers AS integer[]), CAST(:categories AS text[]))
            AS given (entry_id, merchant_id, number, category) USING (entry_id)
    ),
    rewritten AS (
        UPDATE entries SET correction = right_ones.number,
            corrected_category = right_ones.category
        FROM right_ones WHERE entries.entry_id = right_ones.entry_id
            AND (entries.correction, entries.corrected_category)
                IS DISTINCT FROM (right_ones.number, right_ones.category)
        RETURNING 1
    )
    SELECT count(*) FROM rewritten
"""


_FORGET = "DELETE FROM early_corrections WHERE entry_id = ANY (CAST(:entry_ids AS text[]))"


def correct(session: Session, corrections: Sequence[CategoryCorrection]) -> int:
    """Apply corrections of different entries, where they are newer; return how many were."""
    return int(session.rows(_CORRECT, **columns(corrections))[0][0])


def differing(session: Session, corrections: Sequence[CategoryCorrection]) -> set[str]:
    """Return the entries of those corrections that the read model does not have as they are."""
    rows = session.rows(_DIFFERING, **columns(corrections))
    return {entry_id for (entry_id,) in rows}


def forget_early(session: Session, entry_ids: Sequence[str]) -> None:
    """Remove corrections that wait for these entries, so that inserting them moves no totals."""
    session.rows(_FORGET, entry_ids=texts(entry_ids))


def rewrite(
    session: Session, entry_ids: Sequence[str], corrections: Sequence[CategoryCorrection]
) -> int:
    """Give entries exactly the ledger's corrections, and return how many had others.

    Totals stay as they are; the caller recomputes them in the same SQL transaction.
    """
    values = columns(corrections)
    return int(session.rows(_REWRITE, all_ids=texts(entry_ids), **values)[0][0])


def columns(corrections: Sequence[CategoryCorrection]) -> dict[str, str]:
    """Return the columns of corrections as PostgreSQL array literals, by parameter name."""
    return {
        "entry_ids": texts(correction.entry_id for correction in corrections),
        "merchants": texts(correction.merchant_id for correction in corrections),
        "numbers": texts(str(correction.number) for correction in corrections),
        "categories": texts(correction.category for correction in corrections),
    }
