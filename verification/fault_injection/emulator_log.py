"""Reads from the emulator's log which of the projector's batches were interrupted or had poison."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FAILED = "failed processing DynamoDB stream batch"
KILLED = "errorMessage=Worker "
"""The emulator's message for a process that ended during a call."""


@dataclass(frozen=True, slots=True)
class EmulatorLog:
    """The log of a running emulator."""

    path: Path

    def mark(self) -> int:
        """Return the current end of the log."""
        return self.path.stat().st_size

    def interrupted_batches(self, since: int) -> int:
        """Return how many batches failed because their process was killed."""
        return sum(FAILED in line and KILLED in line for line in self._lines(since))

    def has_rejected_one_of_many(self, since: int) -> bool:
        """Return whether a batch was projected of which one record was a dead letter."""
        batches = (
            json.loads(line)
            for line in self._lines(since)
            if line.startswith("{") and '"batch_projected"' in line and line.endswith("}\n")
        )
        return any(batch["parked"] == 1 and batch["records"] > 1 for batch in batches)

    def _lines(self, since: int) -> Iterator[str]:
        with self.path.open("rb") as log:
            log.seek(since)
            for line in log:
                yield line.decode(errors="replace")
