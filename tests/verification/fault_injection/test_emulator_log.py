"""The log shows which batches a kill interrupted, and which had one dead letter among others."""

import json
from pathlib import Path

from verification.fault_injection.emulator_log import EmulatorLog

FAILED = (
    "10:00:00 WARNING [lambda] ESM: Lambda a-projector failed processing DynamoDB stream batch "
    "from a-entries (errorType=RuntimeError errorMessage="
)


def log(folder: Path, *lines: str) -> EmulatorLog:
    path = folder / "emulator.log"
    path.write_text("\n".join(lines))  # so the last line is incomplete
    return EmulatorLog(path)


def projected(records: int, parked: int) -> str:
    return json.dumps({"event": "batch_projected", "records": records, "parked": parked})


def test_only_kills_count_as_interruptions(tmp_path: Path) -> None:
    killed, failed = f"{FAILED}Worker process died)", f"{FAILED}SQLSTATE 57P03)"
    result = log(tmp_path, killed, failed, killed, "else")
    assert result.interrupted_batches(since=0) == 2
    assert result.interrupted_batches(result.mark()) == 0


def test_single_dead_letter_needs_others_beside(tmp_path: Path) -> None:
    result = log(tmp_path, projected(7, 0), projected(7, 1), "")
    assert result.has_rejected_one_of_many(since=0)
    assert not result.has_rejected_one_of_many(result.mark())
    others = log(tmp_path, projected(1, 1), projected(6, 0), projected(7, 1))
    assert not others.has_rejected_one_of_many(since=0)
