"""Imports as JSON values, for the table."""

from datetime import date, datetime
from typing import Any

from chalicelib.importing.bank_import import (
    BankImport,
    FileFacts,
    StatementFacts,
    TieOut,
    UndoCounts,
)

_MOMENTS = ("created_at", "expires_at", "recorded_at", "undone_at")
_PLAIN = (
    "import_id", "status", "folder", "pages", "decisions", "plan", "planned", "done", "undo_reason",
)  # fmt: skip


def import_value(stored: BankImport) -> dict[str, Any]:
    """Return the JSON value of an import."""
    moments = {name: getattr(stored, name) for name in _MOMENTS}
    return {
        **{name: getattr(stored, name) for name in _PLAIN},
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
        "file": list(stored.file),
        "statements": [_statement_value(facts) for facts in stored.statements],
        "counts": list(stored.counts),
        "undone": stored.undone and list(stored.undone),
        # Days by their distance to the one before, which compresses well.
        "file_balances": [_encoded(days) for days in stored.file_balances],
    }


def import_of(value: Any) -> BankImport:
    """Return the import of a JSON value."""
    # An import whose recording has finished may be older than `planned`.
    fields: dict[str, Any] = {name: value[name] for name in _PLAIN if name in value}
    for name in _MOMENTS:
        fields[name] = value[name] and datetime.fromisoformat(value[name])
    return BankImport(
        **fields,
        file=FileFacts(*value["file"]),
        statements=tuple(_statement(facts) for facts in value["statements"]),
        counts=tuple(value["counts"]),
        undone=value["undone"] and UndoCounts(*value["undone"]),
        file_balances=tuple(tuple(_decoded(days)) for days in value["file_balances"]),
    )


def day_text(day: date | None) -> str | None:
    """Return a day as text."""
    return day.isoformat() if day else None


def day_of(text: str | None) -> date | None:
    """Return the day of a text."""
    return date.fromisoformat(text) if text else None


def _statement_value(statement: StatementFacts) -> list[Any]:
    number, account, currency, first, last, opening, closing, closing_day, tie_out = statement
    days = [day_text(first), day_text(last)]
    tie = tie_out and [*tie_out[:2], day_text(tie_out.parted_on), tie_out.opening_missing_minor]
    return [number, account, currency, *days, opening, closing, day_text(closing_day), tie]


def _statement(value: list[Any]) -> StatementFacts:
    number, account, currency, first, last, opening, closing, closing_day, tie = value
    return StatementFacts(
        number,
        account,
        currency,
        day_of(first),
        day_of(last),
        opening,
        closing,
        day_of(closing_day),
        tie and TieOut(tie[0], tie[1], day_of(tie[2]), tie[3]),
    )


def _encoded(days: tuple[tuple[date, int], ...]) -> list[int]:
    numbers = []
    previous = 0
    for day, minor in days:
        numbers += [day.toordinal() - previous, minor]
        previous = day.toordinal()
    return numbers


def _decoded(numbers: list[int]) -> list[tuple[date, int]]:
    days = []
    ordinal = 0
    for distance, minor in zip(numbers[::2], numbers[1::2], strict=True):
        ordinal += distance
        days.append((date.fromordinal(ordinal), minor))
    return days
