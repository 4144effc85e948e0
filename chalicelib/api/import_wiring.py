"""What imports need, from the packages that have it: the ledger, the read model, settings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from chalicelib.commands import (
    bank_rows,
    claims,
    import_settings,
    rule_settings,
    undo_import,
)
from chalicelib.commands import wiring as commands_wiring
from chalicelib.commands.import_bucket import ImportBucket
from chalicelib.commands.import_table import ImportTable
from chalicelib.importing.file_rows import FileRow, MovementKey
from chalicelib.importing.ports import (
    BookSpan,
    ImportPorts,
    LedgerEntry,
    RecordedRow,
    RowResult,
    RowToRecord,
)
from chalicelib.importing.preview import Categorize, RuleCategory
from chalicelib.importing.tie_out import BookDays
from chalicelib.ledger.entries import EntryType
from chalicelib.ledger.imported_entries import ImportedRow, imported_draft
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.rules import RowFacts, matcher
from chalicelib.queries import import_reads
from chalicelib.queries import wiring as queries_wiring
from chalicelib.queries.read_model import ReadModel
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once


@once
def ports() -> ImportPorts:
    """Return this process's ports of imports."""
    deployed = settings.current()
    return ImportPorts(
        table=ImportTable(clients.aws("dynamodb"), deployed.imports_table),
        bucket=import_bucket(),
        ledger=CommandLedger(),
        book=ReadModelBook(queries_wiring.read_model()),
        mapped_accounts=_mapped_accounts,
        categorizer=_categorizer,
        clock=lambda: datetime.now(UTC),
        nonce=commands_wiring.random_salt,
        zone=deployed.business_zone,
    )


@once
def import_bucket() -> ImportBucket:
    """Return the bucket of bank files and their rows."""
    return ImportBucket(clients.aws("s3"), settings.current().import_bucket)


def _mapped_accounts(merchant_id: str) -> Mapping[str, str]:
    return import_settings.accounts(commands_wiring.merchant_settings(), merchant_id)


def _categorizer(merchant_id: str) -> Categorize:
    rules = rule_settings.rules(commands_wiring.merchant_settings(), merchant_id)
    if not rules:
        return lambda _: None
    match = matcher(rules)

    def categorize(file_row: FileRow) -> RuleCategory | None:
        minor = file_row.row.amount_minor or 0
        direction: EntryType = "credit" if minor > 0 else "debit"
        facts = RowFacts(
            file_row.row.description, direction, file_row.account, abs(minor), file_row.currency
        )
        rule = match(facts)
        return rule and RuleCategory(rule.name, rule.category)

    return categorize


class ReadModelBook:
    """The read model as imports read it (importing.ports.Book)."""

    def __init__(self, read_model: ReadModel) -> None:
        self._read_model = read_model

    def accounts(self, merchant_id: str) -> Sequence[str]:
        """Return all accounts with entries."""
        return import_reads.accounts(self._read_model, merchant_id)

    def possible_entries(
        self, merchant_id: str, keys: Sequence[MovementKey]
    ) -> Mapping[MovementKey, Sequence[str]]:
        """Return the ids of entries that may be the same as a movement."""
        result = import_reads.possible_entries(self._read_model, merchant_id, keys)
        return {key: ids for key, ids in zip(keys, result, strict=True) if ids}

    def days(self, merchant_id: str, spans: Sequence[BookSpan]) -> list[BookDays]:
        """Return what the book holds of each span, in their order."""
        result = import_reads.account_days(self._read_model, merchant_id, spans)
        return [BookDays(*values) for values in result]


class CommandLedger:
    """The ledger's rows of bank files (importing.ports.RowLedger)."""

    def recorded_rows(
        self, merchant_id: str, identities: Sequence[str]
    ) -> Sequence[RecordedRow | None]:
        """Return the entry that each row already is."""
        rows = [(identity,) for identity in identities]
        return bank_rows.recorded_rows(commands_wiring.ports(), merchant_id, rows)

    def entries(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, LedgerEntry]:
        """Return those of the ids that are entries of the merchant."""
        return claims.candidates(commands_wiring.ports(), merchant_id, entry_ids)

    def record_rows(
        self, principal: Principal, import_id: str, rows: Sequence[RowToRecord]
    ) -> Sequence[RowResult]:
        """Record rows, or claim their entries."""
        commands = commands_wiring.ports()
        now = commands.clock()
        to_record = [
            bank_rows.RecordRow(
                identities=(row.identity,),
                draft=imported_draft(_imported_row(row), import_id, now, commands.zone),
                same=row.same,
            )
            for row in rows
        ]
        return bank_rows.record_rows(commands, principal, import_id, to_record)

    def begin_undo(self, principal: Principal, import_id: str) -> None:
        """From now on the import's rows are not recorded any more."""
        undo_import.begin_undo(commands_wiring.ports(), principal, import_id)

    def undo_rows(
        self, principal: Principal, import_id: str, identities: Sequence[str], reason: str
    ) -> tuple[int, int]:
        """Reverse the import's entries of these rows."""
        rows = [(identity,) for identity in identities]
        return undo_import.undo_rows(commands_wiring.ports(), principal, import_id, rows, reason)

    def finish_undo(self, principal: Principal, import_id: str) -> None:
        """From now on the import's rows are new."""
        undo_import.finish_undo(commands_wiring.ports(), principal, import_id)


def _imported_row(row: RowToRecord) -> ImportedRow:
    return ImportedRow(
        account=row.account,
        currency=row.currency,
        day=row.day,
        occurred_at=row.occurred_at,
        amount_minor=row.amount_minor,
        description=row.description,
        category=row.category,
        bank_id=row.bank_id,
        instalment=row.instalment,
        foreign=row.foreign,
    )
