"""The outcome of each row of a file: what the ledger, earlier decisions and rules say of it.

A row becomes an entry once. It is a duplicate of the entry that it already became, or of the entry
that its bank id names (in our own files). It needs a decision where an entry that was recorded by
hand, or came from a file of another format, may be the same movement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from chalicelib.importing.bank_import import OUTCOMES, Decision, RowOutcome
from chalicelib.importing.file_rows import FileRow, MovementKey, movement_key
from chalicelib.importing.preview_row import PreviewRow, RowCandidate, decided
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.text import DESCRIPTION_LENGTH, METADATA_VALUE_LENGTH

CANDIDATE_DAYS = timedelta(days=3)
MOST_CANDIDATES = 10
"""How many entries a row offers; those of the nearest days come first."""
IMPORTED_BEFORE = "it was imported before"
OF_THIS_BOOK = "it is an entry of this book"
MAY_BE_RECORDED = "an entry with this account and amount may be the same; decide whether it is"
DECIDED_BEFORE = "it was decided before"


class KnownEntry(NamedTuple):
    """An entry that may be a row's; `family` is that of the file it came from, None if by hand.

    `is_free` says whether a row may still claim it.
    """

    entry: Entry
    family: str | None
    is_free: bool


class Known(NamedTuple):
    """What the book holds of a file's rows.

    `recorded` are the entries that rows already are, by row number, and `entries` others by id.
    `possible` are the ids of entries with a row's account, currency and amount, on days near its
    own. `decisions` were made about rows of earlier files, by identity.
    """

    recorded: Mapping[int, str]
    entries: Mapping[str, KnownEntry]
    possible: Mapping[MovementKey, Sequence[str]]
    decisions: Mapping[str, Decision]


class Category(NamedTuple):
    """The category of a row, and the rule that gives it."""

    rule: str
    category: str


Categorize = Callable[[FileRow], Category | None]


class Verdict(NamedTuple):
    """The outcome of a row and what belongs to it."""

    outcome: RowOutcome
    reason: str | None = None
    entry_id: str | None = None
    candidates: tuple[RowCandidate, ...] = ()


def preview_rows(
    rows: Iterable[FileRow],
    known: Known,
    refused: Mapping[int, str],
    family: str,
    categorize: Categorize,
) -> list[PreviewRow]:
    """Return the rows with their outcomes before decisions.

    `refused` are the reasons of rows that cannot be recorded, `family` is the file's.
    """
    result = []
    for each in rows:
        verdict = _verdict(each, known, refused, family)
        becomes_entry = verdict.outcome in ("created", "needs_decision")
        category = categorize(each) if becomes_entry else None
        result.append(_preview_row(each, verdict, category))
    return result


def decisions_of(rows: Iterable[PreviewRow], stored: Mapping[str, Decision]) -> dict[int, Decision]:
    """Return the decisions that were made about the same rows before, by row number.

    An entry is the same as one row; of several decisions for it, the first row's counts.
    """
    result: dict[int, Decision] = {}
    taken: set[str | None] = set()
    for row in rows:
        decision = stored.get(row.identity or "")
        if decision is None or row.outcome != "needs_decision":
            continue
        if decision.kind == "same":
            if decision.entry_id in taken or decision.entry_id not in _offered(row):
                continue
            taken.add(decision.entry_id)
        result[row.row] = decision
    return result


def counts(rows: Iterable[PreviewRow], decisions: Mapping[int, Decision]) -> tuple[int, ...]:
    """Return how many rows have each outcome, by OUTCOMES."""
    numbers = dict.fromkeys(OUTCOMES, 0)
    for row in rows:
        numbers[decided(row, decisions.get(row.row)).outcome] += 1
    return tuple(numbers.values())


def _offered(row: PreviewRow) -> set[str]:
    return {candidate.entry_id for candidate in row.candidates}


def _verdict(each: FileRow, known: Known, refused: Mapping[int, str], family: str) -> Verdict:
    row = each.row
    if each.identity is None:
        return Verdict(row.outcome, row.reason)
    if row.row in known.recorded:
        return Verdict("duplicate", IMPORTED_BEFORE, known.recorded[row.row])
    named = known.entries.get(row.bank_id or "")
    if named is not None and movement_key(named.entry) == each.key:
        return Verdict("duplicate", OF_THIS_BOOK, named.entry.entry_id)
    if row.row in refused:
        return Verdict("refused", refused[row.row])
    candidates = _candidates(each, known, family)
    if candidates or each.identity in known.decisions:
        reason = MAY_BE_RECORDED if candidates else DECIDED_BEFORE
        return Verdict("needs_decision", reason, candidates=candidates)
    return Verdict("created")


def _candidates(each: FileRow, known: Known, family: str) -> tuple[RowCandidate, ...]:
    """Return the entries that may be a row's, the nearest days first."""
    ids = known.possible.get(each.key)
    if not ids:
        return ()
    entries = [known.entries[entry_id] for entry_id in ids if entry_id in known.entries]
    matching = [other.entry for other in entries if _may_be(other, each.key, family)]
    matching.sort(key=lambda entry: (abs(entry.day - each.key.day), entry.day, entry.entry_id))
    return tuple(
        RowCandidate(entry.entry_id, entry.day, entry.description)
        for entry in matching[:MOST_CANDIDATES]
    )


def _may_be(other: KnownEntry, key: MovementKey, family: str) -> bool:
    entry = other.entry
    if not other.is_free or other.family == family:
        return False
    if movement_key(entry)._replace(day=key.day) != key:
        return False
    return abs(entry.day - key.day) <= (timedelta(0) if other.family else CANDIDATE_DAYS)


def _preview_row(each: FileRow, verdict: Verdict, category: Category | None) -> PreviewRow:
    row = each.row
    return PreviewRow(
        row=row.row,
        line=row.line,
        statement=each.statement,
        outcome=verdict.outcome,
        reason=verdict.reason,
        day=row.day,
        occurred_at=row.occurred_at,
        amount_minor=row.amount_minor,
        bank_id=row.bank_id and row.bank_id[:METADATA_VALUE_LENGTH],
        description=row.description[:DESCRIPTION_LENGTH],
        instalment=row.instalment,
        foreign=row.foreign,
        category=category and category.category,
        rule=category and category.rule,
        entry_id=verdict.entry_id,
        identity=each.identity,
        candidates=verdict.candidates,
    )
