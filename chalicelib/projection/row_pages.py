"""The rows of the read model page by page, as a rebuild sums them and looks them up."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.projection.row_sums import RowSums
from chalicelib.projection.writer import statement
from chalicelib.storage.postgres import Session, texts

ROWS_PER_PAGE = 20_000
"""A literal in the statement, so that PostgreSQL reads a page by the index and sorts nothing."""
_AFTER_OF_ALL = """(merchant_id, day, occurred_instant, recorded_at, entry_id) > (
        CAST(:merchant AS text), CAST(:day AS date), CAST(:instant AS timestamptz),
        CAST(:recorded AS timestamptz), CAST(:entry AS text))"""
_AFTER_OF_MERCHANT = """merchant_id = CAST(:merchant AS text)
        AND (day, occurred_instant, recorded_at, entry_id) > (CAST(:day AS date),
            CAST(:instant AS timestamptz), CAST(:recorded AS timestamptz), CAST(:entry AS text))"""


class RowKey(NamedTuple):
    """The key of an entry's row in the order of the index `entries_in_list_order`.

    Moments are PostgreSQL's text.
    """

    merchant_id: str
    day: str
    instant: str
    recorded: str
    entry_id: str


class SummedRows(NamedTuple):
    """The sums of a page of rows by bucket, the rows to look up, and the last row.

    `recent` were recorded after the entries that are summed; `corrected` have another category.
    `last` is None at the end.
    """

    sums: Mapping[int, int]
    recent: list[RowKey]
    corrected: list[RowKey]
    last: RowKey | None


def sum_rows(
    session: Session, merchant_id: str | None, after: RowKey | None, sums: RowSums
) -> SummedRows:
    """Return the sums of the next rows of a merchant, or of all (None).

    After None is the beginning.
    """
    lines = _page(session, "sum_rows.sql", merchant_id, after, sums)
    by_bucket = {bucket: int(number) for bucket, number, *_ in lines if bucket is not None}
    rows = [(RowKey(*line[2:7]), *line[7:]) for line in lines if line[0] is None]
    return SummedRows(
        by_bucket,
        [row for row, is_recent, _ in rows if is_recent],
        [row for row, _, is_corrected in rows if is_corrected],
        next((row for row, is_recent, _ in rows if is_recent is None), None),
    )


def rows_of_buckets(
    session: Session, merchant_id: str | None, after: RowKey | None, sums: RowSums
) -> tuple[list[RowKey], RowKey | None]:
    """Return those of the next rows that are in differing buckets, and the last of the rows.

    The last is None at the end.
    """
    buckets = texts(map(str, sums.differing))
    lines = _page(session, "rows_of_buckets.sql", merchant_id, after, sums, buckets=buckets)
    rows = [RowKey(*line[:5]) for line in lines if not line[5]]
    return rows, next((RowKey(*line[:5]) for line in lines if line[5]), None)


def _page(
    session: Session,
    name: str,
    merchant_id: str | None,
    after: RowKey | None,
    sums: RowSums,
    **values: str,
) -> list[list[Any]]:
    condition = _AFTER_OF_ALL if merchant_id is None else _AFTER_OF_MERCHANT
    query = statement(name).replace("{after}", condition).replace("{rows}", str(ROWS_PER_PAGE))
    start = after or RowKey(merchant_id or "", "-infinity", "-infinity", "-infinity", "")
    names = ("merchant", "day", "instant", "recorded", "entry")
    key = dict(zip(names, start, strict=True))
    return session.rows(query, **key, salt=sums.salt, before=sums.before, **values)
