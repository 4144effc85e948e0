"""The progress of a rebuild between two calls, and its opaque text for the caller."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import add
from typing import Any, Literal, NamedTuple

from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.projection.row_sums import RowSums

Phase = Literal["totals", "ledger", "row_sums", "rows", "repairs", "done"]
"""Compare totals, read the ledger, sum the rows, look up those whose sums differ, repair them."""
PHASES: tuple[Phase, ...] = ("totals", "ledger", "row_sums", "rows", "repairs", "done")
_FORMAT = 7
"""Increased whenever the content of the text changes, so that an older text is rejected."""


class RebuildStats(NamedTuple):
    """Counts of a rebuild: entries read, and rows that were missing, altered or without an entry.

    `totals` and `categories` were wrong; `unreadable` are items of the table that cannot be read or
    that the read model rejects, each of which is logged with its id.
    """

    entries: int = 0
    missing: int = 0
    altered: int = 0
    removed: int = 0
    totals: int = 0
    unreadable: int = 0
    categories: int = 0

    @property
    def differences(self) -> int:
        """The number of differences from the ledger that were repaired."""
        return self.missing + self.altered + self.removed + self.totals + self.categories

    def plus(self, other: "RebuildStats") -> "RebuildStats":
        """Return the sums of both."""
        return RebuildStats(*map(add, self, other))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the rebuild of one merchant, or of all (None), continues.

    `after` is the last thing that the phase handled, None at its beginning. `wrong` are merchants
    whose totals are not the sums of their entries, and `mismatches` are entries that seem to
    differ, with the merchants concerned; both are still to be repaired. `stats` counts since the
    beginning. `began_at` is when the rebuild of all merchants began, in PostgreSQL's text and time.
    `sums` are those of the entries read so far, less those of the rows summed so far.
    """

    merchant_id: str | None
    phase: Phase = "totals"
    after: Any = None
    wrong: tuple[str, ...] = ()
    mismatches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stats: RebuildStats = field(default_factory=RebuildStats)
    began_at: str | None = None
    sums: RowSums = field(default_factory=RowSums)


def encode(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as text, 4 to 7 KB long when there are few mismatches.

    The sums take 4 KB of it, however they are written, and the keys of 64 segments up to 3 KB.
    """
    import base64
    import zlib

    # `astuple` would copy each of the sums.
    *parts, sums = (getattr(checkpoint, each.name) for each in fields(checkpoint))
    values = [_FORMAT, *parts, [sums.salt, sums.before, sums.sums]]
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(values).encode())).decode()


def decode(text: str, merchant_id: str | None) -> Checkpoint:
    """Return the checkpoint that a text encodes.

    Raises ValidationError when the text is not a checkpoint, or is one of another release or of
    another merchant's rebuild.
    """
    import base64
    import zlib

    try:
        text_format, *values = json.loads(zlib.decompress(base64.urlsafe_b64decode(text)))
        if text_format != _FORMAT:
            raise _error("must be from this release; start the rebuild again without it")
        checkpoint = _checkpoint(values)
    except (ValueError, TypeError, AttributeError, zlib.error):
        raise _error("must be a position that the rebuild returned") from None
    if checkpoint.merchant_id != merchant_id:
        raise _error("must be of a rebuild of the same merchant_id")
    return checkpoint


def _checkpoint(values: Sequence[Any]) -> Checkpoint:
    merchant_id, phase, after, wrong, mismatches, stats, began_at, (salt, before, sums) = values
    merchants = {entry_id: tuple(names) for entry_id, names in mismatches.items()}
    known_phase = PHASES[PHASES.index(phase)]
    return Checkpoint(
        merchant_id,
        known_phase,
        after,
        tuple(wrong),
        merchants,
        RebuildStats(*stats),
        began_at,
        RowSums(salt, before, tuple(sums)),
    )


def _error(message: str) -> ValidationError:
    return ValidationError(f"position {message}.", [FieldError("position", message)])
