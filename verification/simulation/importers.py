"""The merchants' imports of bank files: recorded, interrupted, resumed, undone, and imported again.

A bank's rows are numbered; files are pieces of them, which overlap. What a person sees of an import
(its state, its decisions and the outcomes of its rows) is kept here, as in a store that never
fails; what is recorded is in the ledger alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from chalicelib.commands.bank_rows import RecordRow, RowResult, record_rows
from chalicelib.commands.undo_import import begin_undo, finish_undo, undo_rows
from chalicelib.ledger.errors import ConflictError
from chalicelib.ledger.imported_entries import ImportedRow, imported_draft
from chalicelib.ledger.principal import Principal
from chalicelib.storage.dynamodb_items import stored_entry
from verification.simulation.clock import ZONE
from verification.simulation.request_log import Request
from verification.simulation.violations import DOUBLED, LOST, REFUSAL, check
from verification.simulation.world import NoAnswerError, World

ROWS_AT_ONCE = 3
REASON = "Arquivo errado"


@dataclass(frozen=True, slots=True)
class BankRow:
    """A row of a merchant's bank; every row has another amount."""

    merchant_id: str
    identity: str
    content: ImportedRow


@dataclass(eq=False)
class Import:
    """An import of some rows; `same` are the requests whose entries rows claim, by identity.

    `results` are the last outcomes of rows, and `created` the ids of entries that it has created,
    by identity.
    """

    import_id: str
    merchant_id: str
    rows: Sequence[BankRow]
    same: dict[str, Request]
    state: Literal["recording", "recorded", "undoing", "undone"] = "recording"
    results: dict[str, RowResult] = field(default_factory=dict)
    created: dict[str, str] = field(default_factory=dict)


class Importers:
    """All rows and imports of a scenario."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rows: list[BankRow] = []
        self.imports: list[Import] = []
        self.entries: dict[str, Request] = {}
        """For each created entry a request, so that it can be reversed and erased by hand."""

    def add(self, merchant_id: str, rows: Sequence[BankRow], same: dict[str, Request]) -> Import:
        """Add an import that is to be recorded."""
        name = f"import-{len(self.imports) + 1}"
        self.imports.append(Import(name, merchant_id, rows, same))
        return self.imports[-1]

    def rows_of(self, merchant_id: str) -> list[BankRow]:
        """Return all rows of a merchant's bank."""
        return [row for row in self.rows if row.merchant_id == merchant_id]

    def record(self, file: Import, tries: int = 1) -> None:
        """Record an import, some rows at a time, with at most `tries` failures less one."""
        for start in range(0, len(file.rows), ROWS_AT_ONCE):
            part = file.rows[start : start + ROWS_AT_ONCE]
            while not self._record_part(file, part):
                tries -= 1
                if tries <= 0:
                    return
        if file.state == "recording":
            file.state = "recorded"

    def undo(self, file: Import, tries: int = 1) -> None:
        """Undo an import that is fully recorded; as `record` does."""
        if file.state == "recording":
            return
        if file.state == "recorded":
            file.state = "undoing"
        for entry_id in file.created.values():
            self.entries[entry_id].may_be_undone = True
        principal = Principal(file.merchant_id, "rui")
        rows = [(row.identity,) for row in file.rows]
        while True:
            try:
                self._world.invoke(lambda: self._undo(principal, file.import_id, rows))
            except NoAnswerError:
                tries -= 1
                if tries <= 0:
                    return
                continue
            file.state = "undone"
            return

    def finish(self) -> None:
        """Resume what was interrupted, and import all rows of each merchant once more."""
        for file in self.imports:
            if file.state == "recording":
                self.record(file, tries=3)
            elif file.state == "undoing":
                self.undo(file, tries=3)
        for merchant_id in sorted({file.merchant_id for file in self.imports}):
            self.record(self.add(merchant_id, self.rows_of(merchant_id), {}), tries=3)

    def _record_part(self, file: Import, part: Sequence[BankRow]) -> bool:
        """Record some rows; return False if that must be tried again."""
        principal = Principal(file.merchant_id, "joana")

        def attempt() -> list[RowResult]:
            ports = self._world.commands()
            rows = [self._command(file, row) for row in part]
            return record_rows(ports, principal, file.import_id, rows, workers=1)

        try:
            results = self._world.invoke(attempt)
        except NoAnswerError as error:
            is_undone = isinstance(error.__cause__, ConflictError)
            is_expected = not is_undone or file.state in ("undoing", "undone")
            check(is_expected, REFUSAL, f"{file.import_id} is refused: {error.__cause__!r}")
            return is_undone
        self._world.trace.add("rows", file.import_id, results)
        for row, result in zip(part, results, strict=True):
            self._take(file, row, result)
        return all(result.outcome != "needs_decision" for result in results)

    def _take(self, file: Import, row: BankRow, result: RowResult) -> None:
        if result.outcome == "needs_decision":  # then somebody decides that it is a new one
            file.same.pop(row.identity, None)
        file.results[row.identity] = result
        if result.outcome == "created":
            entry_id = str(result.entry_id)
            first = file.created.setdefault(row.identity, entry_id)
            check(first == entry_id, DOUBLED, f"{row.identity} is {first} and {entry_id}")
            if entry_id not in self.entries:
                self.entries[entry_id] = self._request(file, row, entry_id)

    def _request(self, file: Import, row: BankRow, entry_id: str) -> Request:
        draft = imported_draft(row.content, file.import_id, self._world.clock.now, ZONE)
        item = self._world.table.items.get(entry_id)
        check(item is not None, LOST, f"{file.import_id} created {entry_id}, which does not exist")
        assert item is not None
        return Request(
            row.merchant_id,
            row.identity,
            {},
            replace(draft, occurred_at=None),
            responses=[stored_entry(item)],
            may_be_undone=file.state in ("undoing", "undone"),
        )

    def _command(self, file: Import, row: BankRow) -> RecordRow:
        target = file.same.get(row.identity)
        entry = target.recorded_entry if target else None
        draft = imported_draft(row.content, file.import_id, self._world.clock.now, ZONE)
        return RecordRow((row.identity,), draft, entry.entry_id if entry else None)

    def _undo(self, principal: Principal, import_id: str, rows: Sequence[tuple[str]]) -> None:
        begin_undo(self._world.commands(), principal, import_id)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            undo_rows(self._world.commands(), principal, import_id, part, REASON, workers=1)
        finish_undo(self._world.commands(), principal, import_id)
