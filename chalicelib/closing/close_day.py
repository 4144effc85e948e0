"""Close a merchant's day, from open to sealed.

reconcile and repair → restore closings that PostgreSQL lacks from the bucket, or check those that
it has, and the opening, against the bucket → draft → seal → record → archive. The caller announces
what was closed, ten days at a time (outbox.announce).
"""

import random
from dataclasses import dataclass
from datetime import date

from chalicelib.closing.day_state import DayState
from chalicelib.closing.draft import Draft, check_seal, draft
from chalicelib.closing.errors import ConcurrentClosingError
from chalicelib.closing.outbox import archive
from chalicelib.closing.ports import Ports, SealedClosing
from chalicelib.closing.reconcile import reconcile
from chalicelib.closing.restore import restore
from chalicelib.closing.signed_chain import SignedChain
from chalicelib.ledger.seals import closing_item, seal

_ATTEMPTS = 40
"""Each failed attempt means another closing of the same merchant, which are few."""
_LONGEST_PAUSES = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Upper bounds in seconds of the random pauses between attempts."""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """The closing that was made, None if the day had not changed, and the number of repairs."""

    sealed: SealedClosing | None
    repaired: int


def close_day(
    ports: Ports, merchant_id: str, day: date, run: str, chain: SignedChain | None = None
) -> ClosedDay:
    """Reconcile a day with the ledger, and seal a new version if it has changed since its closing.

    `chain` is what the run has read of the merchant's chain, if anything. Entries that arrive
    meanwhile are left to the next version. Raises ConcurrentClosingError when other runs take the
    closing's number, or that of one to restore, at every attempt, and what reconcile(), restore(),
    draft() and archive() raise.
    """
    chain, repaired = chain or SignedChain(), 0
    for attempt in range(_ATTEMPTS):
        reconciled = reconcile(ports, merchant_id, day, run)
        state, repaired = reconciled.state, max(repaired, reconciled.repaired)
        if not state.is_changed:
            _confirm_unchanged(ports, state)
            return ClosedDay(None, repaired)
        if restore(ports, chain, state):
            continue  # with the restored closings the day has another state
        version = draft(state, ports.clock())
        sealed = _seal(ports, version, state.change_id, run)
        if ports.read_model.insert_closing(sealed) or _is_recorded(ports, sealed):
            archive(ports, sealed.item, sealed.leaves)
            return ClosedDay(sealed, repaired)
        longest = _LONGEST_PAUSES[min(attempt, len(_LONGEST_PAUSES) - 1)]
        ports.pause(random.SystemRandom().uniform(0, longest))
    raise ConcurrentClosingError(
        f"{day} must be closed by one run at a time; other runs took the closing's number or its "
        f"entries {_ATTEMPTS} times. Close it again when they have ended."
    )


def _confirm_unchanged(ports: Ports, state: DayState) -> None:
    check_seal(state)
    if state.change_id is not None:
        ports.read_model.clear_change(state.merchant_id, state.day, state.change_id)


def _seal(ports: Ports, version: Draft, change_id: int | None, run: str) -> SealedClosing:
    sealed = seal(version.closing, version.entries)
    signature, key_id = ports.signer.sign(sealed.digest)
    return SealedClosing(
        item=closing_item(sealed, signature, key_id),
        leaves=sealed.leaves,
        added=version.added,
        effects=version.effects,
        change_id=change_id,
        run=run,
    )


def _is_recorded(ports: Ports, sealed: SealedClosing) -> bool:
    """Return whether the number was taken by this very closing, whose first answer was lost."""
    merchant_id, day = sealed.item["merchant"], date.fromisoformat(sealed.item["day"])
    newest = ports.read_model.day_state(merchant_id, day).newest
    # Compared by signature: two runs that seal the same in one millisecond have the same root.
    return newest is not None and newest["signature"] == sealed.item["signature"]
