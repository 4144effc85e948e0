"""Create an import: read a bank file, and preview what would become of its rows.

Everything is computed first. Then the rows are stored, then the request's key is taken, and last
the import itself, so that an import is listed only with all of its rows.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from chalicelib.bank_files.bank_file import BankFile, Calendar
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.reader import read
from chalicelib.importing import import_statements
from chalicelib.importing.accounts import accounts_of
from chalicelib.importing.bank_import import (
    BankImport,
    Decision,
    FileFacts,
    StatementFacts,
    family,
)
from chalicelib.importing.file_rows import (
    Clock,
    FileRow,
    entry_ids_in,
    file_rows,
    unrecordable_rows,
)
from chalicelib.importing.import_ids import new_import_id
from chalicelib.importing.known_entries import known_entries
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.preview import Known, counts, decisions_of, preview_rows
from chalicelib.importing.preview_row import PreviewRow
from chalicelib.importing.stored_imports import (
    find_import,
    get_import,
    insert_import,
    remembered_decisions,
)
from chalicelib.importing.stored_rows import (
    PreviewIndex,
    pages_of,
    preview_folder,
    put_decisions,
    put_preview,
)
from chalicelib.importing.tie_out import BookDays, FileBalances, file_balances
from chalicelib.ledger.days import business_day
from chalicelib.ledger.instants import to_milliseconds

KEPT_FOR = timedelta(days=30)
FIRST_DECISIONS = "decisions-0"
Reserve = Callable[[str], str]
"""Takes the request's key for an import's id; returns the id for which it was taken first."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file as it was sent; `account`, `preset` and `mapping` are None where they are absent."""

    content: bytes
    account: str | None = None
    preset: str | None = None
    mapping: ColumnMapping | None = None


class Created(NamedTuple):
    """An import as it was created, by this request or by an earlier one."""

    created: BankImport
    replayed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """A previewed import with its rows, not yet stored."""

    new: BankImport
    rows: Sequence[PreviewRow]
    index: PreviewIndex
    decisions: dict[int, Decision]


def created_earlier(ports: ImportPorts, merchant_id: str, import_id: str) -> Created | None:
    """Return the import of an earlier request, as it was created.

    None if that request took its key, and failed before it stored the import: then it is repeated.
    Raises LedgerUnavailableError.
    """
    earlier = find_import(ports.table, merchant_id, import_id)
    return None if earlier is None else Created(earlier.original, replayed=True)


def create(
    ports: ImportPorts,
    merchant_id: str,
    request: ImportRequest,
    import_id: str | None,
    reserve: Reserve,
) -> Created:
    """Create the import of a request.

    `import_id` is that for which an earlier request with the same key has taken the key, without
    storing the import (see created_earlier). Raises BankFileError and its kinds for files that
    cannot be read, UnknownAccountsError, ValidationError, ReadModelUnavailableError,
    LedgerUnavailableError and ImportBucketUnavailableError. Then nothing is stored that is seen;
    unless the table of imports failed, the key is not used.
    """
    now = to_milliseconds(ports.clock())
    import_id = import_id or new_import_id(now, ports.nonce())
    made = preview(ports, merchant_id, request, import_id, Clock(now, ports.zone))
    put_preview(ports.bucket, made.new.folder, request.content, made.rows, made.index)
    if made.decisions:
        put_decisions(ports.bucket, made.new.folder, FIRST_DECISIONS, made.decisions)
    new = replace(made.new, import_id=reserve(import_id))
    if insert_import(ports.table, merchant_id, new):
        return Created(new, replayed=False)
    # Another request with this key was faster.
    return Created(get_import(ports.table, merchant_id, new.import_id).original, replayed=True)


def preview(
    ports: ImportPorts, merchant_id: str, request: ImportRequest, import_id: str, clock: Clock
) -> Preview:
    """Return what a file's import would be now; nothing is stored."""
    calendar = Calendar(business_day(clock.now, clock.zone), clock.zone)
    file = read(request.content, calendar, request.preset, request.mapping)
    import_statements.check_currencies(file.statements)
    balances = [file_balances(statement) for statement in file.statements]
    import_statements.check_size(file.statements, balances)
    accounts = _accounts(ports, merchant_id, file, request.account)
    rows = file_rows(file, accounts)
    refused = unrecordable_rows(rows, clock)
    known = _known(ports, merchant_id, rows, refused)
    facts_of_file = _file_facts(request, file)
    kind = family(facts_of_file)
    shown = preview_rows(rows, known, refused, kind, ports.categorizer(merchant_id))
    decisions = decisions_of(shown, known.decisions)
    facts = [
        import_statements.statement_facts(statement, account, stated)
        for statement, account, stated in zip(file.statements, accounts, balances, strict=True)
    ]
    index = import_statements.preview_index(shown, _books(ports, merchant_id, facts, balances))
    added = import_statements.with_decisions(index.created, index.open_rows, decisions)
    new = BankImport(
        import_id=import_id,
        status="preview",
        created_at=clock.now,
        expires_at=clock.now + KEPT_FOR,
        file=facts_of_file,
        statements=import_statements.tied_out(facts, balances, index.books, added),
        counts=counts(shown, decisions),
        folder=preview_folder(merchant_id, import_id, ports.nonce()),
        pages=len(pages_of(shown)),
        decisions=FIRST_DECISIONS if decisions else None,
        file_balances=tuple(stated.days if stated else () for stated in balances),
    )
    return Preview(new, shown, index, decisions)


def _accounts(ports: ImportPorts, merchant_id: str, file: BankFile, given: str | None) -> list[str]:
    if given is not None:
        return accounts_of(file.statements, given, {}, ())
    mapped = ports.mapped_accounts(merchant_id)
    numbers = {statement.number for statement in file.statements}
    own = () if numbers <= mapped.keys() else ports.book.accounts(merchant_id)
    return accounts_of(file.statements, None, mapped, own)


def _known(
    ports: ImportPorts,
    merchant_id: str,
    rows: Sequence[FileRow],
    refused: dict[int, str],
) -> Known:
    """Return what the book holds of the rows: the ledger's entries, and who may be the same."""
    named = [file_row for file_row in rows if file_row.identity is not None]
    result = ports.ledger.recorded_rows(
        merchant_id, [file_row.identity or "" for file_row in named]
    )
    recorded = {
        file_row.row.row: state.entry_id
        for file_row, state in zip(named, result, strict=True)
        if state is not None
    }
    new = [
        file_row
        for file_row in named
        if file_row.row.row not in recorded and file_row.row.row not in refused
    ]
    keys = list(dict.fromkeys(file_row.key for file_row in new))
    possible = ports.book.possible_entries(merchant_id, keys) if keys else {}
    ids = dict.fromkeys(entry_id for ids_of_key in possible.values() for entry_id in ids_of_key)
    ids.update(dict.fromkeys(entry_ids_in(named)))
    return Known(
        recorded=recorded,
        entries=known_entries(ports, merchant_id, list(ids)),
        possible=possible,
        decisions=remembered_decisions(ports.table, merchant_id, new),
    )


def _books(
    ports: ImportPorts,
    merchant_id: str,
    facts: Sequence[StatementFacts],
    balances: Sequence[FileBalances | None],
) -> tuple[BookDays | None, ...]:
    spans = import_statements.spans(facts, balances)
    books = iter(ports.book.days(merchant_id, spans) if spans else ())
    return tuple(None if stated is None else next(books) for stated in balances)


def _file_facts(request: ImportRequest, file: BankFile) -> FileFacts:
    digest = hashlib.sha256(request.content).hexdigest()
    columns = request.mapping and hashlib.sha256(repr(request.mapping).encode()).hexdigest()[:12]
    size, layout = len(request.content), columns or file.preset
    return FileFacts(digest, size, file.format, file.encoding, file.preset, layout)
