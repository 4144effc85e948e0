"""The statements of an import: their balances beside those of the book, before it is recorded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.bank_files.errors import BankFileError
from chalicelib.bank_files.text import quoted
from chalicelib.importing.accounts import shown_number
from chalicelib.importing.bank_import import OUTCOMES, BankImport, Decision, StatementFacts
from chalicelib.importing.ports import BookSpan
from chalicelib.importing.preview_row import PreviewRow
from chalicelib.importing.stored_rows import OpenRow, PreviewIndex
from chalicelib.importing.tie_out import BookDays, DayBalances, FileBalances, compare
from chalicelib.ledger.currencies import MINOR_DIGITS

MOST_STATEMENTS = 100
MOST_ACCOUNT_DAYS = 15_000
"""Balances of days are stored with the import, whose item has at most 400 KB."""
Sums = Mapping[date, int]


def statement_facts(
    statement: BankStatement, account: str, balances: FileBalances | None
) -> StatementFacts:
    """Return what is stored of a statement; `balances` are those of its days, if it states any."""
    return StatementFacts(
        number=shown_number(statement),
        account=account,
        currency=statement.currency,
        first=statement.first,
        last=statement.last,
        opening_minor=balances.opening_minor if balances else statement.opening_minor,
        closing_minor=statement.closing_minor,
        closing_day=balances.closing_day if balances else statement.closing_day,
        tie_out=None,
    )


def check_currencies(statements: Sequence[BankStatement]) -> None:
    """Raise BankFileError for a statement whose currency has no entries."""
    for statement in statements:
        if statement.currency not in MINOR_DIGITS:
            raise BankFileError(
                "unknown-currency",
                f"The currency {quoted(statement.currency)} of a statement is not one of ISO 4217, "
                "such as BRL; nothing of the file can be recorded.",
                quoted(statement.currency),
            )


def check_size(
    statements: Sequence[BankStatement], balances: Sequence[FileBalances | None]
) -> None:
    """Raise BankFileError for more statements or days than one import stores."""
    account_days = sum(len(stated.days) for stated in balances if stated)
    if len(statements) > MOST_STATEMENTS or account_days > MOST_ACCOUNT_DAYS:
        raise BankFileError(
            "too-many-days",
            f"The file has {len(statements)} statements and balances of {account_days:,} days; one "
            f"import holds up to {MOST_STATEMENTS} statements and {MOST_ACCOUNT_DAYS:,} days. "
            "Import fewer accounts or a shorter period at once.",
        )


def stored_balances(stored: BankImport) -> list[FileBalances | None]:
    """Return the balances of the file's days, by statement."""
    pairs = zip(stored.statements, stored.file_balances, strict=True)
    return [_balances(facts, days) for facts, days in pairs]


def spans(
    statements: Sequence[StatementFacts], balances: Sequence[FileBalances | None]
) -> list[BookSpan]:
    """Return the days of the book that are compared, of the statements that state balances."""
    return [
        BookSpan(facts.account, facts.currency, stated.first, stated.closing_day)
        for facts, stated in zip(statements, balances, strict=True)
        if stated is not None
    ]


def created_sums(rows: Sequence[PreviewRow], statements: int) -> tuple[Sums, ...]:
    """Return the sums by day of the rows that become entries, by statement."""
    sums: list[dict[date, int]] = [defaultdict(int) for _ in range(statements)]
    for row in rows:
        if row.outcome == "created" and row.day is not None:
            sums[row.statement][row.day] += row.amount_minor or 0
    return tuple(dict(day_sums) for day_sums in sums)


def preview_index(rows: Sequence[PreviewRow], books: tuple[BookDays | None, ...]) -> PreviewIndex:
    """Return what a preview is decided from; `books` are by statement."""
    digits = {outcome: str(place) for place, outcome in enumerate(OUTCOMES)}
    open_rows = {
        row.row: OpenRow(
            row.statement,
            row.day,
            row.amount_minor or 0,
            row.identity,
            tuple(candidate.entry_id for candidate in row.candidates),
        )
        for row in rows
        if row.outcome == "needs_decision" and row.day and row.identity
    }
    outcomes = "".join(digits[row.outcome] for row in rows)
    return PreviewIndex(outcomes, open_rows, created_sums(rows, len(books)), books)


def with_decisions(
    created: Sequence[Sums], open_rows: Mapping[int, OpenRow], decisions: Mapping[int, Decision]
) -> tuple[Sums, ...]:
    """Return the sums by day, those included that become entries by decision."""
    sums = [dict(day_sums) for day_sums in created]
    for row, decision in decisions.items():
        if decision.kind == "new" and row in open_rows:
            place, day, minor = open_rows[row][:3]
            sums[place][day] = sums[place].get(day, 0) + minor
    return tuple(sums)


def tied_out(
    statements: Sequence[StatementFacts],
    balances: Sequence[FileBalances | None],
    books: Sequence[BookDays | None],
    added: Sequence[Sums] = (),
) -> tuple[StatementFacts, ...]:
    """Return the statements with their tie-outs; `added` is what recording adds, by statement.

    Statements of one account change each other's balances.
    """
    by_account: dict[tuple[str, str], dict[date, int]] = {}
    for facts, sums in zip(statements, added, strict=False):
        total = by_account.setdefault((facts.account, facts.currency), {})
        for day, minor in sums.items():
            total[day] = total.get(day, 0) + minor
    return tuple(
        facts
        if stated is None or book is None
        else facts._replace(
            tie_out=compare(stated, book, by_account.get((facts.account, facts.currency)))
        )
        for facts, stated, book in zip(statements, balances, books, strict=True)
    )


def _balances(facts: StatementFacts, days: DayBalances) -> FileBalances | None:
    opening_minor, closing_minor, closing_day = facts[5:8]
    if opening_minor is None or closing_minor is None or closing_day is None or not days:
        return None
    first = min(facts.first or closing_day, closing_day)
    return FileBalances(first, closing_day, opening_minor, closing_minor, days)
