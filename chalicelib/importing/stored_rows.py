"""The rows of an import in the bucket: pages of 500, and an index without texts.

A preview's objects are in one folder, written once: `previews/<merchant>/<import>-<nonce>/`. Only
an erasure writes them again. What is being recorded is copied to `recording/<merchant>/<import>/`,
because previews expire, and a recording must not lose its rows.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any, NamedTuple

from chalicelib.importing.bank_import import OUTCOMES, Decision
from chalicelib.importing.import_values import day_of, day_text
from chalicelib.importing.ports import ImportBucket
from chalicelib.importing.preview_row import PreviewRow, RowCandidate
from chalicelib.importing.tie_out import BookDays

PAGE_ROWS = 500
_LEVEL = 1  # nearly as short as the best one, in a fifth of the time
_WORKERS = 8


class OpenRow(NamedTuple):
    """A row that needs a decision: what deciding it needs, without its text."""

    statement: int
    day: date
    amount_minor: int
    identity: str
    candidates: tuple[str, ...]


class PreviewIndex(NamedTuple):
    """What a preview is decided from.

    `outcomes` has a digit for each row, in their order: a place in OUTCOMES. `created` are the sums
    by day of rows that become entries without a decision, by statement; `books` are the books with
    which the statements are compared, None where the file states no closing balance.
    """

    outcomes: str
    open_rows: Mapping[int, OpenRow]
    created: tuple[Mapping[date, int], ...]
    books: tuple[BookDays | None, ...]


def preview_folder(merchant_id: str, import_id: str, nonce: str) -> str:
    """Return the folder of a preview's objects."""
    return f"previews/{merchant_id}/{import_id}-{nonce}/"


def recording_folder(merchant_id: str, import_id: str) -> str:
    """Return the folder of the rows that are being recorded."""
    return f"recording/{merchant_id}/{import_id}/"


def page_name(folder: str, page: int) -> str:
    """Return the name of a page of rows."""
    return f"{folder}rows-{page:05d}"


def pages_of(rows: Sequence[PreviewRow]) -> list[Sequence[PreviewRow]]:
    """Return the rows by pages."""
    return [rows[start : start + PAGE_ROWS] for start in range(0, len(rows), PAGE_ROWS)]


def page_of(row: int) -> int:
    """Return the page of a row."""
    return (row - 1) // PAGE_ROWS


def put_preview(
    bucket: ImportBucket,
    folder: str,
    content: bytes,
    rows: Sequence[PreviewRow],
    index: PreviewIndex,
) -> None:
    """Store a file and its preview."""
    objects = {f"{folder}file": gzip.compress(content, _LEVEL, mtime=0)}
    objects[f"{folder}index"] = _packed(_index_value(index))
    for number, page in enumerate(pages_of(rows)):
        objects[page_name(folder, number)] = packed_rows(page)
    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(bucket.put, objects, objects.values()):
            pass


def read_index(bucket: ImportBucket, folder: str) -> PreviewIndex | None:
    """Return a preview's index; None once it has expired."""
    content = bucket.get(f"{folder}index")
    return None if content is None else _index(_unpacked(content))


def read_page(bucket: ImportBucket, folder: str, page: int) -> list[PreviewRow] | None:
    """Return a page of rows; None once it has expired."""
    content = bucket.get(page_name(folder, page))
    return None if content is None else unpacked_rows(content)


def packed_rows(rows: Iterable[PreviewRow]) -> bytes:
    """Return rows as an object's content."""
    return _packed([_row_value(row) for row in rows])


def unpacked_rows(content: bytes) -> list[PreviewRow]:
    """Return the rows of an object."""
    return [_row(value) for value in _unpacked(content)]


def put_decisions(
    bucket: ImportBucket, folder: str, name: str, decisions: Mapping[int, Decision]
) -> None:
    """Store all decisions of an import under a new name."""
    value = {str(row): list(decision) for row, decision in decisions.items()}
    bucket.put(folder + name, _packed(value))


def read_decisions(
    bucket: ImportBucket, folder: str, name: str | None
) -> dict[int, Decision] | None:
    """Return the decisions of an import, none without a name; None once they have expired."""
    if name is None:
        return {}
    content = bucket.get(folder + name)
    if content is None:
        return None
    return {int(row): Decision(*value) for row, value in _unpacked(content).items()}


def _packed(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), _LEVEL, mtime=0)


def _unpacked(content: bytes) -> Any:
    return json.loads(gzip.decompress(content))


def _row_value(row: PreviewRow) -> list[Any]:
    candidates = [
        [candidate.entry_id, candidate.day.isoformat(), candidate.description]
        for candidate in row.candidates
    ]
    return [
        row.row, row.line, row.statement, OUTCOMES.index(row.outcome), row.reason,
        day_text(row.day), row.occurred_at and row.occurred_at.isoformat(), row.amount_minor,
        row.bank_id, row.description, row.instalment, row.foreign, row.category, row.rule,
        row.entry_id, row.identity, candidates,
    ]  # fmt: skip


def _row(value: list[Any]) -> PreviewRow:
    row, line, statement, outcome, reason, day, occurred_at, amount_minor, *others = value
    bank_id, description, instalment, foreign, category, rule, entry_id, identity, offered = others
    return PreviewRow(
        row=row,
        line=line,
        statement=statement,
        outcome=OUTCOMES[outcome],
        reason=reason,
        day=day_of(day),
        occurred_at=datetime.fromisoformat(occurred_at) if occurred_at else None,
        amount_minor=amount_minor,
        bank_id=bank_id,
        description=description,
        instalment=instalment,
        foreign=foreign,
        category=category,
        rule=rule,
        entry_id=entry_id,
        identity=identity,
        candidates=tuple(
            RowCandidate(entry, date.fromisoformat(when), text) for entry, when, text in offered
        ),
    )


def _index_value(index: PreviewIndex) -> dict[str, Any]:
    return {
        "outcomes": index.outcomes,
        "open": {
            str(row): [open_row.statement, open_row.day.isoformat(), *open_row[2:]]
            for row, open_row in index.open_rows.items()
        },
        "created": [_by_day_value(sums) for sums in index.created],
        "books": [
            book and [book.opening_minor, book.has_earlier, _by_day_value(book.days)]
            for book in index.books
        ],
    }


def _index(value: Any) -> PreviewIndex:
    return PreviewIndex(
        value["outcomes"],
        {
            int(row): OpenRow(
                values[0], date.fromisoformat(values[1]), values[2], values[3], tuple(values[4])
            )
            for row, values in value["open"].items()
        },
        tuple(_by_day(sums) for sums in value["created"]),
        tuple(book and BookDays(book[0], book[1], _by_day(book[2])) for book in value["books"]),
    )


def _by_day_value(sums: Mapping[date, int]) -> dict[str, int]:
    return {day.isoformat(): minor for day, minor in sums.items()}


def _by_day(value: Mapping[str, int]) -> dict[date, int]:
    return {date.fromisoformat(day): minor for day, minor in value.items()}
