"""The outcome of each row of a file: what the ledger, earlier decisions and rules say of it.

A row becomes an entry once. It is a duplicate of the entry that it already became, or of the entry
that its bank id names (in our own files). It needs a decision where an entry that was recorded by
hand, or came from a file of another format, may be the same movement: it offers such an entry, or
says that a row of another file has claimed it. So may an entry of the same format with the day
and the text of the row, if no row of the file is that entry: some banks make new ids for each file.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from chalicelib.importing.bank_import import OUTCOMES, Decision, RowOutcome
from chalicelib.importing.file_rows import FileRow, MovementKey, movement_key
from chalicelib.importing.preview_row import PreviewRow, RowCandidate, decided
from chalicelib.importing.similar_entries import (
    KnownEntry,
    entry_text,
    is_claimed_elsewhere,
    is_similar,
)
from chalicelib.ledger.text import DESCRIPTION_LENGTH, METADATA_VALUE_LENGTH

MOST_CANDIDATES = 10
"""How many entries a row offers; those of the nearest days come first, but of many equal rows the
second begins with the second entry, and so on, so that each row can name another one."""
IMPORTED_BEFORE = "it was imported before"
OF_THIS_BOOK = "it is an entry of this book"
MAY_BE_RECORDED = "an entry with this account and amount may be the same; decide whether it is"
CLAIMED_BEFORE = (
    "an entry with this account and amount is the same as a row of another file; "
    "decide whether this row is new"
)
DECIDED_BEFORE = "it was decided before"


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


class RuleCategory(NamedTuple):
    """The category of a row, and the rule that gives it."""

    rule: str
    category: str


Categorize = Callable[[FileRow], RuleCategory | None]


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
    rows = list(rows)
    known = _without_own_entries(known, rows)
    earlier: Counter[MovementKey] = Counter()
    for file_row in rows:
        verdict = _verdict(file_row, known, refused, family, earlier[file_row.key])
        earlier[file_row.key] += 1
        becomes_entry = verdict.outcome in ("created", "needs_decision")
        category = categorize(file_row) if becomes_entry else None
        result.append(_preview_row(file_row, verdict, category))
    return result


def _without_own_entries(known: Known, rows: Sequence[FileRow]) -> Known:
    """Return what is known, without offering entries that rows of this file are."""
    identities = {file_row.identity for file_row in rows if file_row.identity is not None}
    own = {name for name, other in known.entries.items() if other.identity in identities}
    own.update(known.recorded.values())
    possible = {
        key: [entry_id for entry_id in ids if entry_id not in own]
        for key, ids in known.possible.items()
    }
    return known._replace(possible=possible)


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


def _verdict(
    file_row: FileRow, known: Known, refused: Mapping[int, str], family: str, earlier: int
) -> Verdict:
    """Return a row's outcome; `earlier` rows of the file have its account, day and amount, too."""
    row = file_row.row
    if file_row.identity is None:
        return Verdict(row.outcome, row.reason)
    if row.row in known.recorded:
        return Verdict("duplicate", IMPORTED_BEFORE, known.recorded[row.row])
    named = known.entries.get(row.bank_id or "")
    if named is not None and movement_key(named.entry) == file_row.key:
        return Verdict("duplicate", OF_THIS_BOOK, named.entry.entry_id)
    if row.row in refused:
        return Verdict("refused", refused[row.row])
    return _open_verdict(file_row, known, family, earlier) or Verdict("created")


def _open_verdict(file_row: FileRow, known: Known, family: str, earlier: int) -> Verdict | None:
    """Return the verdict on a new row that needs a decision, None if it needs none."""
    row = file_row.row
    possible = [
        known.entries[entry_id]
        for entry_id in known.possible.get(file_row.key, ())
        if entry_id in known.entries
        and is_similar(known.entries[entry_id], file_row.key, family, {entry_text(row.description)})
    ]
    if candidates := _candidates(file_row, possible, known.decisions, earlier):
        return Verdict("needs_decision", MAY_BE_RECORDED, candidates=candidates)
    if any(is_claimed_elsewhere(other, family) for other in possible):
        return Verdict("needs_decision", CLAIMED_BEFORE)
    if file_row.identity in known.decisions:
        return Verdict("needs_decision", DECIDED_BEFORE)
    return None


def _candidates(
    file_row: FileRow,
    possible: Iterable[KnownEntry],
    decisions: Mapping[str, Decision],
    earlier: int,
) -> tuple[RowCandidate, ...]:
    """Return the entries that may be a row's, the nearest days first."""
    entries = [other.entry for other in possible if other.is_free]
    entries.sort(key=lambda entry: (abs(entry.day - file_row.key.day), entry.day, entry.entry_id))
    first = max(0, min(earlier, len(entries) - MOST_CANDIDATES))
    offered = entries[first : first + MOST_CANDIDATES]
    decision = decisions.get(file_row.identity or "")
    if decision is not None and decision.entry_id is not None:
        others = entries[:first] + entries[first + MOST_CANDIDATES :]
        offered += [entry for entry in others if entry.entry_id == decision.entry_id]
    return tuple(RowCandidate(entry.entry_id, entry.day, entry.description) for entry in offered)


def _preview_row(file_row: FileRow, verdict: Verdict, category: RuleCategory | None) -> PreviewRow:
    row = file_row.row
    return PreviewRow(
        row=row.row,
        line=row.line,
        statement=file_row.statement,
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
        identity=file_row.identity,
        candidates=verdict.candidates,
    )
