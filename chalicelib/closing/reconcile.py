"""Reconcile a day of the read model with the ledger: find what differs and repair it.

The ledger's index is a moment behind, so a difference is confirmed by consistent reads of the table
before anything is repaired.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib import observability
from chalicelib.closing.day_state import NO_TEXTS, DayState
from chalicelib.closing.differences import Difference, differences, drift_minor, mismatches
from chalicelib.closing.errors import StillDiffersError, TextMismatchError
from chalicelib.closing.ports import Ports
from chalicelib.ledger.entries import Entry, has_recorded_texts

PROJECTION_GRACE = timedelta(minutes=2)
"""A newer entry or erasure may not be projected yet; the day's next version will hold the entry."""
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A day that agrees with the ledger, and in how many lines it was repaired."""

    state: DayState
    repaired: int


def reconcile(ports: Ports, merchant_id: str, day: date, run: str) -> Reconciled:
    """Return a day's state once it agrees with the ledger, repaired where it did not.

    Differences are stored before they are repaired, so that they are counted even if the run is
    killed. Raises TextMismatchError when a text in the ledger is not the one that was recorded,
    StillDiffersError when repairs do not help, and whatever the stores raise.
    """
    repaired = 0
    for _ in range(_ATTEMPTS):
        ledger = {entry.entry_id: entry for entry in ports.ledger.day_entries(merchant_id, day)}
        _check_texts(ledger.values())
        state = ports.read_model.day_state(merchant_id, day)
        if not differences(ledger, state):
            return Reconciled(state, repaired)
        confirmed = _confirmed(ports, ledger, state)
        state = _with_erasures(ports, confirmed, state)
        lines = differences(confirmed, state)
        if not lines:
            return Reconciled(state, repaired)
        _repair(ports, confirmed, state, lines, run)
        repaired = max(repaired, len(lines))
    raise StillDiffersError(f"{day} must agree with the ledger after a repair, and does not.")


def repair_newest(ports: Ports, merchant_id: str) -> None:
    """Repair the time at which the merchant's newest entry was recorded: `as_of` in responses."""
    ports.repair([merchant_id], [])
    merchant = observability.merchant_hash(merchant_id)
    observability.log("read_model_differed", merchant=merchant, day=None, what="newest")
    observability.count("ReadModelDifferences")


def _confirmed(ports: Ports, ledger: dict[str, Entry], state: DayState) -> dict[str, Entry]:
    """Return the ledger's entries of the day, with each mismatch read consistently.

    Entries that were recorded lately and are not projected yet are left out.
    """
    entry_ids = mismatches(ledger, state)
    read = {entry.entry_id: entry for entry in ports.ledger.get_entries(entry_ids)}
    lately = ports.clock() - PROJECTION_GRACE
    confirmed = dict(ledger)
    for entry_id in entry_ids:
        entry = read.get(entry_id)
        confirmed.pop(entry_id, None)
        if entry is None or (entry.merchant_id, entry.day) != (state.merchant_id, state.day):
            continue
        if entry_id in state.rows or entry.recorded_at < lately:
            confirmed[entry_id] = entry
    return confirmed


def _with_erasures(ports: Ports, ledger: Mapping[str, Entry], state: DayState) -> DayState:
    """Return the state as it will be after erasures that are on their way to the read model."""
    erased = [
        entry_id
        for entry_id, row in state.rows.items()
        if row.texts != NO_TEXTS and entry_id in ledger and ledger[entry_id].text_salt is None
    ]
    if not erased:
        return state
    lately = ports.ledger.erased_since(erased, ports.clock() - PROJECTION_GRACE)
    rows = {entry_id: replace(state.rows[entry_id], texts=NO_TEXTS) for entry_id in lately}
    return replace(state, rows={**state.rows, **rows})


def _check_texts(entries: Iterable[Entry]) -> None:
    """Raise TextMismatchError unless the texts are those whose digest was recorded with them."""
    for entry in entries:
        if not has_recorded_texts(entry):
            raise TextMismatchError(
                f"The texts of entry {entry.entry_id} in the ledger must have the digest that was "
                "recorded with them; they were altered."
            )


def _repair(
    ports: Ports,
    ledger: Mapping[str, Entry],
    state: DayState,
    lines: Sequence[Difference],
    run: str,
) -> None:
    ports.read_model.record_differences(state, lines, run, ports.clock())
    entry_ids = mismatches(ledger, state)
    # A row that was moved by hand may be in another merchant's totals, which must be repaired too.
    rows = ports.read_model.rows(entry_ids).values()
    ports.repair(sorted({state.merchant_id, *(row.entry.merchant_id for row in rows)}), entry_ids)
    merchant = observability.merchant_hash(state.merchant_id)
    for line in lines:
        observability.log("read_model_differed", merchant=merchant, day=state.day, what=line.what)
    observability.count("ReadModelDifferences", len(lines))
    observability.count("DriftMinorUnits", drift_minor(lines))
