"""Make a day of the read model what the ledger says, and say what differed.

The ledger's index is a moment behind: a difference that it shows is confirmed by consistent reads
of the table before anything is put right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib import observability
from chalicelib.closing.day_state import DayState
from chalicelib.closing.differences import Difference, differences, drift_minor, suspects
from chalicelib.closing.errors import StillDiffersError
from chalicelib.closing.ports import Ports
from chalicelib.ledger.entries import Entry

PROJECTION_GRACE = timedelta(minutes=2)
"""An entry recorded so lately may not be projected yet; the day's next version holds it."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A day that agrees with the ledger, and in how many lines it had to be put right."""

    state: DayState
    repaired: int


def reconcile(ports: Ports, merchant_id: str, day: date, run: str) -> Reconciled:
    """Return a day's state once it is what the ledger says, put right where it was not.

    What differed is kept before it is put right, so that no end of the run leaves it untold. Raises
    StillDiffersError when putting it right does not help, and whatever the stores raise.
    """
    repaired = 0
    for _ in range(_TRIES):
        ledger = {entry.entry_id: entry for entry in ports.ledger.day_entries(merchant_id, day)}
        state = ports.books.day_state(merchant_id, day)
        if not differences(ledger, state):
            return Reconciled(state, repaired)
        truth = _confirmed(ports, ledger, state)
        result = differences(truth, state)
        if not result:
            return Reconciled(state, repaired)
        _put_right(ports, truth, state, result, run)
        repaired = max(repaired, len(result))
    raise StillDiffersError(f"{day} must agree with the ledger after a repair, and does not.")


def _confirmed(ports: Ports, ledger: dict[str, Entry], state: DayState) -> dict[str, Entry]:
    """Return the ledger's entries of the day, what is doubtful of them read consistently.

    What came in lately and is not projected yet is left out.
    """
    doubtful = suspects(ledger, state)
    held = {entry.entry_id: entry for entry in ports.ledger.held(doubtful)}
    lately = ports.clock() - PROJECTION_GRACE
    truth = dict(ledger)
    for entry_id in doubtful:
        entry = held.get(entry_id)
        truth.pop(entry_id, None)
        if entry is None or (entry.merchant_id, entry.day) != (state.merchant_id, state.day):
            continue
        if entry_id in state.rows or entry.recorded_at < lately:
            truth[entry_id] = entry
    return truth


def _put_right(
    ports: Ports,
    truth: dict[str, Entry],
    state: DayState,
    found: Sequence[Difference],
    run: str,
) -> None:
    ports.books.note(state, found, run, ports.clock())
    entry_ids = suspects(truth, state)
    ports.repair(_concerned(ports, state, entry_ids), entry_ids)
    merchant = observability.merchant_hash(state.merchant_id)
    for one in found:
        observability.log("read_model_differed", merchant=merchant, day=state.day, what=one.what)
    observability.count("ReadModelDifferences", len(found))
    observability.count("DriftMinorUnits", drift_minor(found))


def _concerned(ports: Ports, state: DayState, entry_ids: Sequence[str]) -> list[str]:
    # A row that was moved by hand may stand under another merchant, whose totals it falsifies too.
    rows = ports.books.rows(entry_ids)
    return sorted({state.merchant_id, *(row.entry.merchant_id for row in rows.values())})
