"""Imports in their table: by id, newest first, with what became of their rows.

Names sort by the import's id, whose beginning is its time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from chalicelib.importing.bank_import import BankImport, Decision
from chalicelib.importing.file_rows import FileRow
from chalicelib.importing.import_values import import_of, import_value
from chalicelib.importing.ports import ImportTable
from chalicelib.ledger.errors import NotFoundError
from chalicelib.storage.stored_value import StoredValue

_IMPORT = "import#"
_RESULTS = "results#"
_DECISION = "decision#"
_AFTER_ALL = "~"
_DECIDED = "decided#"
_NAMES_TOGETHER = 1000


@dataclass(frozen=True, slots=True)
class Versioned:
    """An import, and its version in the table; `original` is the import as it was created."""

    current: BankImport
    version: int
    original: BankImport


class StoredResult(NamedTuple):
    """What became of a row (a place in OUTCOMES), and the identity by which it was recorded."""

    outcome: int
    entry_id: str | None
    reason: str | None
    identity: str


Results = dict[int, StoredResult]


def insert_import(table: ImportTable, merchant_id: str, new: BankImport) -> bool:
    """Store a new import; return False if its id exists."""
    original = import_value(replace(new, file_balances=()))
    value = {"current": import_value(new), "original": original}
    return table.insert(merchant_id, _IMPORT + new.import_id, value)


def find_import(table: ImportTable, merchant_id: str, import_id: str) -> Versioned | None:
    """Return a merchant's import."""
    stored = table.get(merchant_id, _IMPORT + import_id)
    return stored and _versioned(stored.value, stored.version)


def get_import(table: ImportTable, merchant_id: str, import_id: str) -> Versioned:
    """Return a merchant's import; raise NotFoundError if there is none."""
    result = find_import(table, merchant_id, import_id)
    if result is None:
        raise NotFoundError("There is no import with this id.")
    return result


def replace_import(
    table: ImportTable, merchant_id: str, before: Versioned, new: BankImport
) -> Versioned | None:
    """Store a change of an import; return None if it was changed by somebody else."""
    value = {"current": import_value(new), "original": import_value(before.original)}
    name = _IMPORT + new.import_id
    if not table.replace(merchant_id, name, value, before.version):
        return None
    return Versioned(new, before.version + 1, before.original)


def newest_imports(
    table: ImportTable, merchant_id: str, before: str | None, limit: int
) -> list[BankImport]:
    """Return up to `limit` imports, newest first; those before an id, or all."""
    last = _AFTER_ALL if before is None else before
    result = table.between(merchant_id, _IMPORT, _IMPORT + last, limit + 1, descending=True)
    imports = [_versioned(stored.value, stored.version).current for stored in result]
    return [current for current in imports if current.import_id != before][:limit]


def put_results(
    table: ImportTable, merchant_id: str, recorded: BankImport, page: str, results: Results
) -> None:
    """Store what became of the rows of a page that was recorded."""
    value = {str(row): list(result) for row, result in results.items()}
    table.put(merchant_id, {_results(recorded) + page: value})


def page_results(table: ImportTable, merchant_id: str, recorded: BankImport, page: int) -> Results:
    """Return what became of the rows of a page, as far as they are recorded."""
    result = [
        table.get(merchant_id, f"{_results(recorded)}{part}-{page:05d}")
        for part in ("same", "rows")
    ]
    return _merged(value for value in result if value)


def result_pages(table: ImportTable, merchant_id: str, recorded: BankImport) -> list[Results]:
    """Return what became of all rows that were recorded, page by page."""
    first = _results(recorded)
    result = table.between(merchant_id, first, first + _AFTER_ALL)
    return [_merged([value]) for value in result]


def forget_results(table: ImportTable, merchant_id: str, recorded: BankImport) -> None:
    """Delete what became of rows, because they are decided again."""
    first = _results(recorded)
    stored = table.between(merchant_id, first, first + _AFTER_ALL)
    table.delete(merchant_id, [value.name for value in stored])


def _results(recorded: BankImport) -> str:
    """Return the beginning of the names of an import's results.

    Each recording has its own, so that a request that still works for an earlier one, which was
    given up because a claim was lost, can neither delete nor replace those of a later one.
    """
    start = recorded.plan.split("/")[-2] + "#" if recorded.plan else ""
    return f"{_RESULTS}{recorded.import_id}#{start}"


def remember_decisions(table: ImportTable, merchant_id: str, rows: Iterable["DecidedRow"]) -> None:
    """Store decisions by identity, for later files with the same rows."""
    table.put(merchant_id, {row.name: list(row.decision) for row in rows})


def not_remembered(
    table: ImportTable, merchant_id: str, rows: Sequence["DecidedRow"]
) -> list["DecidedRow"]:
    """Return those of the rows whose decisions are not stored by identity as they are now."""
    spans: dict[tuple[str, str], list[date]] = {}
    for row in rows:
        spans.setdefault((row.account, row.currency), []).append(row.day)
    stored = _decisions_within(table, merchant_id, spans)
    return [row for row in rows if stored.get(row.identity) != row.decision]


def note_decided_rows(
    table: ImportTable, merchant_id: str, import_id: str, rows: Sequence["DecidedRow"]
) -> None:
    """Store with an import about which rows it has decisions, so that its undo forgets them."""
    names = [row.name for row in rows]
    first = f"{_DECIDED}{import_id}#"
    pages = {
        f"{first}{at:05d}": names[at : at + _NAMES_TOGETHER]
        for at in range(0, len(names), _NAMES_TOGETHER)
    }
    stored = {
        page.name: page.value
        for page in (table.between(merchant_id, first, first + _AFTER_ALL) if pages else ())
    }
    table.put(merchant_id, {name: page for name, page in pages.items() if stored.get(name) != page})


def forget_decisions(table: ImportTable, merchant_id: str, import_id: str) -> None:
    """Delete the decisions of an import."""
    first = f"{_DECIDED}{import_id}#"
    for page in table.between(merchant_id, first, first + _AFTER_ALL):
        table.delete(merchant_id, [*page.value, page.name])


def remembered_decisions(
    table: ImportTable, merchant_id: str, rows: Sequence[FileRow]
) -> dict[str, Decision]:
    """Return the decisions about these rows, by identity; one range of days for each account."""
    spans: dict[tuple[str, str], list[date]] = {}
    for file_row in rows:
        if file_row.identity is not None and file_row.row.day is not None:
            spans.setdefault((file_row.account, file_row.currency), []).append(file_row.row.day)
    return _decisions_within(table, merchant_id, spans)


def _decisions_within(
    table: ImportTable, merchant_id: str, spans: Mapping[tuple[str, str], Sequence[date]]
) -> dict[str, Decision]:
    """Return the decisions about rows of these accounts and currencies, on or between the days."""
    result = {}
    for (account, currency), days in spans.items():
        first = f"{_DECISION}{account}#{currency}#{min(days).isoformat()}"
        last = f"{_DECISION}{account}#{currency}#{max(days).isoformat()}#{_AFTER_ALL}"
        for stored in table.between(merchant_id, first, last):
            result[stored.name.rpartition("#")[2]] = Decision(*stored.value)
    return result


class DecidedRow(NamedTuple):
    """A row's identity with its account, currency and day, and the decision about it."""

    account: str
    currency: str
    day: date
    identity: str
    decision: Decision

    @property
    def name(self) -> str:
        """The name of the decision in the table."""
        day = self.day.isoformat()
        return f"{_DECISION}{self.account}#{self.currency}#{day}#{self.identity}"


def _versioned(value: Any, version: int) -> Versioned:
    return Versioned(import_of(value["current"]), version, import_of(value["original"]))


def _merged(pages: Iterable[StoredValue]) -> Results:
    return {int(row): StoredResult(*result) for page in pages for row, result in page.value.items()}
