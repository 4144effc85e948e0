"""Decisions about rows that need one: which are valid, and what the import then looks like."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chalicelib.importing.bank_import import Decision, DecisionKind
from chalicelib.ledger.errors import FieldError, ValidationError


class RowDecision(NamedTuple):
    """A decision as it is sent."""

    row: int
    kind: DecisionKind
    entry_id: str | None


def merged(
    current: Mapping[int, Decision],
    sent: Sequence[RowDecision],
    candidates: Mapping[int, Sequence[str]],
) -> dict[int, Decision]:
    """Return all decisions after these were sent, by row number; the last one of a row counts.

    `candidates` are the ids of the entries that each row offers which needs a decision. Raises
    ValidationError with every error: a row that never needed a decision, an entry that is not a
    candidate, or that two rows claim.
    """
    result = dict(current)
    errors = []
    for place, each in enumerate(sent):
        message = _message(each, candidates)
        if message is not None:
            errors.append(FieldError(f"decisions.{place}.{message[0]}", message[1]))
        result[each.row] = Decision(each.kind, each.entry_id)
    rows_by_entry: dict[str, int] = {}
    for row, decision in sorted(result.items()):
        if decision.kind == "same" and decision.entry_id is not None:
            first = rows_by_entry.setdefault(decision.entry_id, row)
            if first != row:
                message_text = f"must be claimed by one row; row {first} is the same entry"
                place = next((at for at, each in enumerate(sent) if each.row == row), 0)
                errors.append(FieldError(f"decisions.{place}.entry", message_text))
    if errors:
        raise ValidationError("The decisions are not valid, and none was stored.", errors)
    return result


def _message(each: RowDecision, candidates: Mapping[int, Sequence[str]]) -> tuple[str, str] | None:
    if each.row not in candidates:
        return "row", "must be a row that needs a decision, or needed one"
    if each.kind != "same":
        return ("entry", "must be absent, because only same names one") if each.entry_id else None
    if each.entry_id is None:
        return "entry", "is required for same; the row's candidates are listed with it"
    if each.entry_id not in candidates[each.row]:
        return "entry", "must be one of the row's candidates"
    return None
