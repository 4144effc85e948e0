"""What a day's next closing says, from its state alone; refused where a seal says otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.closing.day_state import DayState
from chalicelib.closing.errors import OpeningMismatchError, SealMismatchError
from chalicelib.ledger.closings import (
    BalanceLine,
    Changes,
    Closing,
    Opening,
    balance_lines,
    changes_between,
    lines_of,
    with_entries,
)
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.seals import entries_root, leaves_of


@dataclass(frozen=True, slots=True)
class Draft:
    """A closing that is not sealed yet, with all its entries and what it adds.

    `effects` are the lines that it adds to what is sealed: those of version 1 with entries, then
    the differences.
    """

    closing: Closing
    entries: list[Entry]
    added: tuple[str, ...]
    effects: tuple[BalanceLine, ...]


def next_closing(state: DayState, closed_at: datetime) -> Draft:
    """Return the next version of a changed day, as it stands at `closed_at`.

    Raises SealMismatchError when an entry that the version before holds is gone or altered, and
    OpeningMismatchError when earlier closings do not add up to the balance before the day.
    """
    check_seal(state)
    _check_openings(state)
    entries = [row.entry for row in state.rows.values()]
    lines = balance_lines(entries, _openings(state))
    changes = _changes(state, lines)
    closing = Closing(
        merchant_id=state.merchant_id,
        day=state.day,
        version=int(state.newest["version"]) + 1 if state.newest else 1,
        sequence=state.head.sequence + 1 if state.head else 1,
        previous_root=state.head.root if state.head else None,
        closed_at=closed_at,
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
        return
    sealed = [row.entry for entry_id, row in state.rows.items() if entry_id in state.sealed_ids]
    root = entries_root(leaves_of(sealed)).hex()
    if len(sealed) < len(state.sealed_ids) or root != state.newest["entries_root"]:
        raise SealMismatchError(
            f"Version {state.newest['version']} of {state.day} must still hold what it sealed; "
            "an entry of it is gone or altered, in the ledger too."
        )


def _changes(state: DayState, lines: Iterable[BalanceLine]) -> Changes | None:
    if state.newest is None:
        return None
    return changes_between((lines_of(state.newest), state.sealed_ids), (lines, state.rows))


def _openings(state: DayState) -> dict[tuple[str, str], Opening]:
    return {
        line: Opening(before.sealed + before.unsealed, before.unsealed)
        for line, before in state.before.items()
    }


def _check_openings(state: DayState) -> None:
    for (account, currency), before in sorted(state.before.items()):
        if before.sealed + before.unsealed != before.kept:
            raise OpeningMismatchError(
                f"{account} {currency} must open {state.day} with {before.sealed} sealed and "
                f"{before.unsealed} unsealed, and the totals before it say {before.kept}."
            )
