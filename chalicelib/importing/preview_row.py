"""A row of an import as it is previewed, and what becomes of it once it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from chalicelib.importing.bank_import import Decision, DecisionKind, RowOutcome

DECIDED_OUTCOMES: Mapping[DecisionKind, RowOutcome] = {
    "same": "duplicate",
    "new": "created",
    "leave_out": "refused",
}
LEFT_OUT = "it is left out by decision"


class RowCandidate(NamedTuple):
    """An entry that may be the same movement as a row."""

    entry_id: str
    day: date
    description: str | None


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row with its outcome; `statement` is the place of its statement in the file, from 0.

    `outcome` is `needs_decision` also after a decision, which is stored beside the rows. `entry_id`
    is the entry of which a row is a duplicate. `identity` is None for rows that never become
    entries.
    """

    row: int
    line: int
    statement: int
    outcome: RowOutcome
    reason: str | None
    day: date | None
    occurred_at: datetime | None
    amount_minor: int | None
    bank_id: str | None
    description: str | None
    instalment: str | None = None
    foreign: str | None = None
    category: str | None = None
    rule: str | None = None
    entry_id: str | None = None
    identity: str | None = None
    candidates: tuple[RowCandidate, ...] = ()


def decided(row: PreviewRow, decision: Decision | None) -> PreviewRow:
    """Return a row as a decision makes it; without one as it is."""
    if decision is None or row.outcome != "needs_decision":
        return row
    outcome = DECIDED_OUTCOMES[decision.kind]
    reason = LEFT_OUT if outcome == "refused" else None
    return replace(row, outcome=outcome, reason=reason, entry_id=decision.entry_id)


def without_texts(row: PreviewRow) -> PreviewRow:
    """Return a row after its entry's texts were erased."""
    return replace(row, bank_id=None, description=None, instalment=None, foreign=None)


def without_candidate_text(row: PreviewRow, entry_id: str) -> PreviewRow:
    """Return a row, the candidate of that id without its description."""
    candidates = tuple(
        candidate._replace(description=None) if candidate.entry_id == entry_id else candidate
        for candidate in row.candidates
    )
    return replace(row, candidates=candidates)
