"""Where a rebuild stands between two calls: a value inside, an opaque text for who hands it on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Literal

from chalicelib.ledger.errors import FieldError, ValidationError

Phase = Literal["totals", "ledger", "rows", "repairs", "done"]
"""Totals are compared, the ledger is read, rows are looked up in it, what differs is put right."""
PHASES: tuple[Phase, ...] = ("totals", "ledger", "rows", "repairs", "done")
_FORM = 1
"""Another number for each change of what a text holds: a text of before is refused then."""


@dataclass(frozen=True, slots=True)
class RebuildStats:
    """What differed: entries of the ledger read, and how many were missing, altered or too many.

    `totals` were wrong, `unreadable` are items of the table that make no sense or that the read
    model refuses; they are in the log by their ids.
    """

    entries: int = 0
    missing: int = 0
    altered: int = 0
    removed: int = 0
    totals: int = 0
    unreadable: int = 0

    @property
    def differences(self) -> int:
        """How much was not as the ledger says, and could be put right."""
        return self.missing + self.altered + self.removed + self.totals

    def plus(self, other: "RebuildStats") -> "RebuildStats":
        """Return the sums of both."""
        return RebuildStats(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the rebuild of one merchant, or (None) of all, goes on.

    `after` is what its phase did last, None for nothing yet. `wrong` are merchants whose totals are
    not the sums of their entries, `suspects` entries with the merchants that they concern; neither
    is put right yet. `outcome` is what was found since the beginning.
    """

    merchant_id: str | None
    phase: Phase = "totals"
    after: Any = None
    wrong: tuple[str, ...] = ()
    mismatches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcome: RebuildStats = RebuildStats()


def encode(position: Checkpoint) -> str:
    """Return a position as a text, of a few hundred bytes where little is suspected."""
    import base64
    import zlib

    result = [_FORM, *astuple(position)[:-1], astuple(position.outcome)]
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(result).encode())).decode()


def decode(text: str, merchant_id: str | None) -> Checkpoint:
    """Return the position that a text stands for.

    Raises ValidationError where it is of another merchant's rebuild, of another release, or no
    position.
    """
    import base64
    import zlib

    try:
        form, *result = json.loads(zlib.decompress(base64.urlsafe_b64decode(text)))
        if form != _FORM:
            raise _refusal("must be of the release that runs; begin again without it")
        position = _position(result)
    except (ValueError, TypeError, AttributeError, zlib.error):
        raise _refusal("must be a position as the rebuild answered it") from None
    if position.merchant_id != merchant_id:
        raise _refusal("must be of a rebuild of the same merchant_id")
    return position


def _position(told: Sequence[Any]) -> Checkpoint:
    merchant_id, phase, after, wrong, mismatches, outcome = told
    kept = {entry_id: tuple(merchants) for entry_id, merchants in mismatches.items()}
    named = PHASES[PHASES.index(phase)]
    return Checkpoint(merchant_id, named, after, tuple(wrong), kept, RebuildStats(*outcome))


def _refusal(message: str) -> ValidationError:
    return ValidationError(f"position {message}.", [FieldError("position", message)])
