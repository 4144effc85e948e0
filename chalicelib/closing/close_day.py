"""Close a merchant's day: seal what it holds under the next number, once, whoever else tries."""

import random
from dataclasses import dataclass
from datetime import date

from chalicelib.closing.day_state import DayState
from chalicelib.closing.draft import check_seal, next_closing
from chalicelib.closing.errors import ConcurrentClosingError
from chalicelib.closing.ports import Ports, SealedClosing
from chalicelib.closing.reconcile import reconcile
from chalicelib.closing.restore import bring_back
from chalicelib.ledger.seals import closing_item, seal

_TRIES = 40
"""Each lost number is another closing of the merchant, and those are only so many."""
_LONGEST_PAUSES = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Upper bounds in seconds of the random pauses that let one of many go first."""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """What became of a day: the closing made now, None where none was needed, and repairs."""

    sealed: SealedClosing | None
    repaired: int


def close_day(ports: Ports, merchant_id: str, day: date, run: str) -> ClosedDay:
    """Reconcile a day and close it if it changed since its newest closing.

    An entry that comes in meanwhile is left to the next version, and closings that the bucket alone
    holds are brought back first. Raises ConcurrentClosingError when others close days of the merchant each time,
    and what reconcile(), bring_back() and next_closing() raise.
    """
    repaired = 0
    for lost in range(_TRIES):
        reconciled = reconcile(ports, merchant_id, day, run)
        repaired = max(repaired, reconciled.repaired)
        if not reconciled.state.is_changed:
            _settle(ports, reconciled.state)
            return ClosedDay(None, repaired)
        if bring_back(ports, reconciled.state):
            continue
        sealed = _sealed(ports, reconciled.state, run)
        # After a lost answer the number is taken, and by this very closing.
        if ports.books.record(sealed) or _is_recorded(ports, sealed):
            return ClosedDay(sealed, repaired)
        longest = _LONGEST_PAUSES[min(lost, len(_LONGEST_PAUSES) - 1)]
        ports.pause(random.SystemRandom().uniform(0, longest))
    raise ConcurrentClosingError(
        f"{day} must be closed alone; other closings took its number {_TRIES} times."
    )


def _settle(ports: Ports, state: DayState) -> None:
    check_seal(state)
    if state.mark is not None:
        ports.books.unmark(state.merchant_id, state.day, state.mark)


def _sealed(ports: Ports, state: DayState, run: str) -> SealedClosing:
    draft = next_closing(state, ports.clock())
    sealed = seal(draft.closing, draft.entries)
    signature, key_id = ports.sign(sealed.digest)
    return SealedClosing(
        item=closing_item(sealed, signature, key_id),
        leaves=sealed.leaves,
        added=draft.added,
        effects=draft.effects,
        mark=state.mark,
        run=run,
    )


def _is_recorded(ports: Ports, sealed: SealedClosing) -> bool:
    state = ports.books.day_state(sealed.item["merchant"], date.fromisoformat(sealed.item["day"]))
    # Not by the root: who seals the same in the same millisecond has the same one.
    return state.newest is not None and state.newest["signature"] == sealed.item["signature"]
