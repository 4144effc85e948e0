"""A book in memory: the ledger's entries and rows of bank files, and the read model over them.

It keeps the promises of chalicelib/commands/bank_rows.py, whose own tests check those on the
emulated table.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from chalicelib.importing.bank_import import RowOutcome
from chalicelib.importing.file_rows import MovementKey
from chalicelib.importing.ports import BookSpan, RowToRecord
from chalicelib.importing.similar_entries import CANDIDATE_DAYS
from chalicelib.importing.tie_out import BookDays
from chalicelib.ledger.entries import Entry, EntryDraft, entry_id
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import RecordingContext, make_entry
from verification.kit.strategies import SAO_PAULO

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
JOANA = Principal("padaria", "joana")


def _id(key: str) -> str:
    return entry_id(JOANA.merchant_id, key)


class RowMark(NamedTuple):
    """What a row became: an entry, or a claim of one."""

    entry_id: str
    import_id: str
    is_claim: bool


class Result(NamedTuple):
    """What became of a row."""

    outcome: RowOutcome
    entry_id: str | None = None
    reason: str | None = None


class Known(NamedTuple):
    """An entry that may be a row's."""

    entry: Entry
    import_id: str | None
    is_free: bool
    claimed_from: str | None
    identity: str | None


@dataclass
class MemoryBook:
    """The ledger's entries and rows, and the read model over them."""

    entries_by_id: dict[str, Entry] = field(default_factory=dict)
    rows: dict[str, list[RowMark]] = field(default_factory=dict)
    claims: dict[str, RowMark] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    undoing: set[str] = field(default_factory=set)

    def by_hand(self, day: date, amount_minor: int, account: str = "bb") -> Entry:
        """Record an entry by hand."""
        return self._add(f"hand {len(self.entries_by_id)}", day, amount_minor, account)

    def reverse(self, entry: Entry, by: str = "hand") -> None:
        """Reverse an entry on its day."""
        name = f"reversal {entry.entry_id} {by}"
        self._add(name, entry.day, -entry.effect_minor, entry.account, entry.entry_id)

    def balances(self) -> Counter[tuple[str, date]]:
        """Return what each day of each account changes the balance by."""
        sums: Counter[tuple[str, date]] = Counter()
        for entry in self.entries_by_id.values():
            sums[entry.account, entry.day] += entry.effect_minor
        return Counter({name: minor for name, minor in sums.items() if minor})

    def _add(
        self, key: str, day: date, minor: int, account: str, reverses: str | None = None,
        description: str | None = None,
    ) -> Entry:  # fmt: skip
        draft = EntryDraft(
            "credit" if minor > 0 else "debit", abs(minor), account=account,
            occurred_at=f"{day.isoformat()}T12:00:00-03:00", description=description,
        )  # fmt: skip
        context = RecordingContext(JOANA.merchant_id, "joana", NOW, SAO_PAULO, "salt")
        entry = make_entry(draft, context, _id(key), reverses)
        return self.entries_by_id.setdefault(entry.entry_id, entry)

    def _reversal(self, reversed_id: str) -> Entry | None:
        entries = self.entries_by_id.values()
        return next((each for each in entries if each.reverses == reversed_id), None)

    def _current(self, identity: str) -> RowMark | None:
        for recorded in self.rows.get(identity, ())[-1:]:
            is_over = recorded.is_claim and recorded.import_id in self.undone
            if not is_over and recorded.entry_id not in self._undone_entries():
                return recorded
        return None

    def _undone_entries(self) -> set[str]:
        """Return the entries that a finished undo has reversed."""
        imports = {
            each.entry_id: each.import_id
            for generations in self.rows.values()
            for each in generations
            if not each.is_claim
        }
        undone = {name for name, source in imports.items() if source in self.undone}
        return undone - self.by_hand_reversed()

    def by_hand_reversed(self) -> set[str]:
        return {
            each.reverses
            for each in self.entries_by_id.values()
            if each.reverses
            and each.entry_id == entry_id(JOANA.merchant_id, f"reversal {each.reverses} hand")
        }

    # The ledger (importing.ports.RowLedger).

    def recorded_rows(self, _merchant: str, identities: Sequence[str]) -> list[RowMark | None]:
        return [self._current(identity) for identity in identities]

    def entries(self, _merchant: str, entry_ids: Sequence[str]) -> dict[str, Known]:
        sources = {
            each.entry_id: (each.import_id, identity)
            for identity, generations in self.rows.items()
            for each in generations
            if not each.is_claim
        }
        return {
            name: Known(
                self.entries_by_id[name],
                sources.get(name, (None, None))[0],
                self._is_free(name),
                self._claimed_from(name),
                sources.get(name, (None, None))[1],
            )
            for name in entry_ids
            if name in self.entries_by_id
        }

    def _claimed_from(self, name: str) -> str | None:
        claim = self.claims.get(name)
        return claim.import_id if claim and claim.import_id not in self.undone else None

    def _is_free(self, name: str) -> bool:
        is_claimed = self._claimed_from(name) is not None
        entry = self.entries_by_id[name]
        return not is_claimed and self._reversal(name) is None and entry.reverses is None

    def record_rows(
        self, _principal: Principal, import_id: str, rows: Sequence[RowToRecord]
    ) -> list[Result]:
        return [self._record(import_id, row) for row in rows]

    def _record(self, import_id: str, row: RowToRecord) -> Result:
        current = self._current(row.identity)
        if current is not None:
            is_own = current.import_id == import_id and not current.is_claim
            return Result("created" if is_own else "duplicate", current.entry_id)
        generations = self.rows.setdefault(row.identity, [])
        if row.same is not None:
            if not self._is_free(row.same):
                return Result("needs_decision")
            generations.append(RowMark(row.same, import_id, is_claim=True))
            self.claims[row.same] = generations[-1]
            return Result("duplicate", row.same)
        key = f"{row.identity} {len(generations)}"
        entry = self._add(key, row.day, row.amount_minor, row.account, None, row.description)
        generations.append(RowMark(entry.entry_id, import_id, is_claim=False))
        return Result("created", entry.entry_id)

    def begin_undo(self, _principal: Principal, import_id: str) -> None:
        self.undoing.add(import_id)

    def undo_rows(
        self, _principal: Principal, import_id: str, identities: Sequence[str], reason: str
    ) -> tuple[int, int]:
        newly = before = 0
        for recorded in filter(None, map(self._current, identities)):
            if recorded.import_id != import_id or recorded.is_claim:
                continue
            if recorded.entry_id in self.by_hand_reversed():
                before += 1
            else:
                self.reverse(self.entries_by_id[recorded.entry_id], by="undo")
                newly += 1
        return newly, before

    def finish_undo(self, _principal: Principal, import_id: str) -> None:
        self.undone.add(import_id)

    # The read model (importing.ports.Book).

    def accounts(self, _merchant: str) -> list[str]:
        return sorted({entry.account for entry in self.entries_by_id.values()})

    def possible_entries(
        self, _merchant: str, keys: Sequence[MovementKey]
    ) -> dict[MovementKey, list[str]]:
        return {key: [*self._possible(key)] for key in keys}

    def _possible(self, key: MovementKey) -> list[str]:
        return [
            entry.entry_id
            for entry in self.entries_by_id.values()
            if (entry.account, entry.effect_minor) == (key.account, key.amount_minor)
            and abs(entry.day - key.day) <= CANDIDATE_DAYS
        ]

    def days(self, _merchant: str, spans: Sequence[BookSpan]) -> list[BookDays]:
        return [self._days(span) for span in spans]

    def _days(self, span: BookSpan) -> BookDays:
        mine = [each for each in self.entries_by_id.values() if each.account == span.account]
        earlier = [each.effect_minor for each in mine if each.day < span.first]
        changes: Counter[date] = Counter()
        for each in mine:
            if span.first <= each.day <= span.last:
                changes[each.day] += each.effect_minor
        return BookDays(sum(earlier), bool(earlier), dict(changes))
