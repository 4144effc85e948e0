"""Draft a day's next closing from its state alone; fails where earlier seals contradict it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.closing.day_state import DayState
from chalicelib.closing.errors import FutureMomentError, OpeningMismatchError, SealMismatchError
from chalicelib.ledger.closings import (
    BalanceLine,
    Changes,
    Closing,
    LineKey,
    Opening,
    balance_lines,
    changes_between,
    lines_of,
    with_entries,
)
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.seals import entries_root, leaves_of

MAX_CLOCK_SKEW = timedelta(seconds=5)
"""Two clocks differ by this at most, as verify.py assumes (docs/seals.md)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A closing that is not sealed yet, with all its entries and the ids of those it adds.

    `effects` are the balance lines that it adds to earlier versions: all lines with entries of
    version 1, then the differences.
    """

    closing: Closing
    entries: list[Entry]
    added: tuple[str, ...]
    effects: tuple[BalanceLine, ...]


def draft(state: DayState, closed_at: datetime) -> Draft:
    """Return the next version of a changed day, closed at `closed_at` or a little later.

    Clocks of different machines differ a little. No closing is dated before one that it follows, or
    before an entry that it contains.

    Raises FutureMomentError when it would be dated more than 5 s after `closed_at` for this reason,
    SealMismatchError when an entry of the previous version is missing or altered, and
    OpeningMismatchError when earlier closings do not add up to the balance before the day.
    """
    check_seal(state)
    entries = [row.entry for row in state.rows.values()]
    lines = balance_lines(entries, _openings(state))
    changes = _changes(state, lines)
    closing = Closing(
        merchant_id=state.merchant_id,
        day=state.day,
        version=int(state.newest["version"]) + 1 if state.newest else 1,
        sequence=state.head.sequence + 1 if state.head else 1,
        previous_root=state.head.root if state.head else None,
        closed_at=_not_before(closed_at, state),
        lines=lines,
        changes=changes,
        repairs=state.repairs,
    )
    added = changes.added if changes else tuple(state.rows)
    effects = with_entries(changes.effect if changes else lines)
    return Draft(closing, entries, added, effects)


def check_seal(state: DayState) -> None:
    """Raise SealMismatchError unless all that the newest closing sealed is there, unaltered."""
    if state.newest is None:
        if state.sealed_ids:
            raise SealMismatchError(
                f"{state.day} must have the closings that sealed its entries; they were removed."
            )
        return
    sealed = [row.entry for entry_id, row in state.rows.items() if entry_id in state.sealed_ids]
    root = entries_root(leaves_of(sealed)).hex()
    if len(sealed) < len(state.sealed_ids) or root != state.newest["entries_root"]:
        raise SealMismatchError(
            f"{state.day} must still hold every entry that version {state.newest['version']} "
            "sealed; one is missing or altered, in the ledger too."
        )


def _changes(state: DayState, lines: Iterable[BalanceLine]) -> Changes | None:
    if state.newest is None:
        return None
    return changes_between((lines_of(state.newest), state.sealed_ids), (lines, state.rows))


def _openings(state: DayState) -> dict[LineKey, Opening]:
    """Return the sums of everything that is sealed of earlier days.

    What no closing holds yet is in no opening. It only explains the totals, which tell that an
    earlier day was altered, or has lost the mark that it changed.
    """
    for line, prior in sorted(state.prior_balances.items()):
        if not prior.adds_up:
            raise OpeningMismatchError(
                f"The balance of {' '.join(line)} before {state.day} must be {prior.sealed} sealed "
                f"and {prior.unsealed} unsealed minor units; the totals say {prior.stored}, with "
                f"{prior.surplus:+} entries."
            )
    return {line: Opening(prior.sealed) for line, prior in state.prior_balances.items()}


def _not_before(closed_at: datetime, state: DayState) -> datetime:
    moments = [row.entry.recorded_at for row in state.rows.values()]
    if state.head is not None:
        moments.append(datetime.fromisoformat(state.head.closed_at))
    newest = max(closed_at, *moments)
    if newest - closed_at > MAX_CLOCK_SKEW:
        raise FutureMomentError(
            f"All entries of {state.day} and all closings must be dated at most "
            f"{MAX_CLOCK_SKEW.seconds} s after the clock; one is dated {format_instant(newest)}."
        )
    return newest
