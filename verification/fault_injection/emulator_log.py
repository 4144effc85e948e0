"""What the emulator's log tells of the projector's batches: what broke, and what parked poison."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BROKEN = "failed processing DynamoDB stream batch"
KILLED = "errorMessage=Worker "
"""What the emulator says of a process that ended with a call in its hands."""


@dataclass(frozen=True, slots=True)
class EmulatorLog:
    """The log of a running emulator, read from where it was marked."""

    path: Path

    def mark(self) -> int:
        """Return where the log ends now."""
        return self.path.stat().st_size

    def broken_batches(self, since: int) -> int:
        """Return how many batches broke because the process that had them was killed."""
        return sum(BROKEN in line and KILLED in line for line in self._lines(since))

    def has_parked_one_of_many(self, since: int) -> bool:
        """Say whether a batch was projected of which one record was parked and others were not."""
        return any(
            result["parked"] == 1 and result["records"] > 1
            for line in self._lines(since)
            if (result := _projected(line))
        )

    def _lines(self, since: int) -> Iterator[str]:
        with self.path.open("rb") as log:
            log.seek(since)
            for line in log:
                yield line.decode(errors="replace")


def _projected(line: str) -> dict[str, Any] | None:
    if not line.startswith("{") or '"batch_projected"' not in line or not line.endswith("}\n"):
        return None
    result: dict[str, Any] = json.loads(line)
    return result
