"""Decisions about rows that need one: which are valid, and what the import then looks like."""

from collections.abc import Iterator, Mapping, Sequence
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
    result = {
        **current,
        **{chosen.row: Decision(chosen.kind, chosen.entry_id) for chosen in sent},
    }
    messages = [(place, _message(chosen, candidates)) for place, chosen in enumerate(sent)]
    errors = [
        FieldError(f"decisions.{place}.{message[0]}", message[1])
        for place, message in messages
        if message is not None
    ]
    errors += _double_claims(result, sent)
    if errors:
        raise ValidationError("The decisions are not valid, and none was stored.", errors)
    return result


def _double_claims(
    decisions: Mapping[int, Decision], sent: Sequence[RowDecision]
) -> Iterator[FieldError]:
    """Yield an error for each row that claims the entry of a row above it."""
    rows_by_entry: dict[str, int] = {}
    for row, decision in sorted(decisions.items()):
        if decision.kind == "same" and decision.entry_id is not None:
            first = rows_by_entry.setdefault(decision.entry_id, row)
            if first != row:
                place = next((at for at, chosen in enumerate(sent) if chosen.row == row), 0)
                message = f"must be claimed by one row; row {first} is the same entry"
                yield FieldError(f"decisions.{place}.entry", message)


def _message(
    chosen: RowDecision, candidates: Mapping[int, Sequence[str]]
) -> tuple[str, str] | None:
    """Return the field of a decision that is not valid, and what it must be."""
    if chosen.row not in candidates:
        return "row", "must be a row that needs a decision, or needed one"
    if chosen.kind != "same":
        return ("entry", "must be absent, because only same names one") if chosen.entry_id else None
    if chosen.entry_id is None:
        return "entry", "is required for same; the row's candidates are listed with it"
    if chosen.entry_id not in candidates[chosen.row]:
        return "entry", "must be one of the row's candidates"
    return None
