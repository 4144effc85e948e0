"""The rows of an import as they are now: previewed, decided, recorded."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from chalicelib.importing.bank_import import OUTCOMES, BankImport, Decision, RowOutcome
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.preview_row import DECIDED_OUTCOMES, PreviewRow, decided
from chalicelib.importing.stored_imports import Results, page_results, result_pages
from chalicelib.importing.stored_rows import (
    PAGE_ROWS,
    page_of,
    read_decisions,
    read_index,
    read_page,
)
from chalicelib.ledger.errors import NotFoundError

_WORKERS = 8
MOST_PAGES = 40
"""How many pages one request reads, at most; rows of a rare outcome are spread over many."""


class ShownRow(NamedTuple):
    """A row with what became of it, and the decision about it."""

    row: PreviewRow
    decision: Decision | None


def rows_after(
    ports: ImportPorts,
    merchant_id: str,
    current: BankImport,
    after: int,
    limit: int,
    outcome: RowOutcome | None = None,
) -> tuple[list[ShownRow], bool]:
    """Return up to `limit` rows after a row's number, and whether more follow.

    Raises NotFoundError once they have expired, LedgerUnavailableError and
    ImportBucketUnavailableError.
    """
    decisions = read_decisions(ports.bucket, current.folder, current.decisions)
    if decisions is None or ports.clock() >= current.expires_at:
        raise _expired()
    if outcome is None:
        last = sum(current.counts)
        numbers = list(range(after + 1, min(after + limit, last) + 1))
        more = after + limit < last
    else:
        matching = [
            number
            for number in _numbers(ports, merchant_id, current, decisions, outcome)
            if number > after
        ]
        numbers = _of_few_pages(matching[:limit])
        more = len(matching) > len(numbers)
    return _shown(ports, merchant_id, current, numbers, decisions), more


def _numbers(
    ports: ImportPorts,
    merchant_id: str,
    current: BankImport,
    decisions: Mapping[int, Decision],
    outcome: RowOutcome,
) -> list[int]:
    """Return the numbers of the rows with an outcome."""
    index = read_index(ports.bucket, current.folder)
    if index is None:
        raise _expired()
    outcomes = {
        number: OUTCOMES[int(digit)] for number, digit in enumerate(index.outcomes, start=1)
    }
    outcomes.update({row: DECIDED_OUTCOMES[decision.kind] for row, decision in decisions.items()})
    if current.status != "preview":
        for results in result_pages(ports.table, merchant_id, current):
            outcomes.update({row: OUTCOMES[result.outcome] for row, result in results.items()})
    return [number for number, shown in outcomes.items() if shown == outcome]


def _of_few_pages(numbers: Sequence[int]) -> list[int]:
    pages = list(dict.fromkeys(map(page_of, numbers)))
    return [number for number in numbers if page_of(number) in pages[:MOST_PAGES]]


def _shown(
    ports: ImportPorts,
    merchant_id: str,
    current: BankImport,
    numbers: Sequence[int],
    decisions: Mapping[int, Decision],
) -> list[ShownRow]:
    pages = list(dict.fromkeys(map(page_of, numbers)))

    def read(page: int) -> list[PreviewRow]:
        rows = read_page(ports.bucket, current.folder, page)
        if rows is None:
            raise _expired()
        results: Results = {}
        if current.status != "preview":
            results = page_results(ports.table, merchant_id, current, page)
        return [_after(row, decisions, results) for row in rows]

    with ThreadPoolExecutor(_WORKERS) as pool:
        read_rows = dict(zip(pages, pool.map(read, pages), strict=True))
    rows = [read_rows[page_of(number)][(number - 1) % PAGE_ROWS] for number in numbers]
    return [ShownRow(row, decisions.get(row.row)) for row in rows]


def _after(row: PreviewRow, decisions: Mapping[int, Decision], results: Results) -> PreviewRow:
    result = results.get(row.row)
    row = decided(row, decisions.get(row.row))
    if result is None:
        return row
    outcome = OUTCOMES[result.outcome]
    return replace(row, outcome=outcome, reason=result.reason, entry_id=result.entry_id)


def _expired() -> NotFoundError:
    return NotFoundError("The rows of this import were deleted after 30 days.")
