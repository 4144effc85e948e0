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
    path.write_text("".join(f"{line}\n" for line in lines))
    return EmulatorLog(path)


def projected(records: int, parked: int) -> str:
    return json.dumps({"event": "batch_projected", "records": records, "parked": parked})


def test_only_kills_count_as_interruptions(tmp_path: Path) -> None:
    killed, failed = f"{FAILED}Worker process died)", f"{FAILED}SQLSTATE 57P03)"
    assert log(tmp_path, killed, failed, killed, "else").interrupted_batches(since=0) == 2


def test_lines_before_the_mark_are_ignored(tmp_path: Path) -> None:
    result = log(tmp_path, f"{FAILED}Worker process died)", projected(7, 1))
    since = result.mark()
    assert result.interrupted_batches(0) == 1 and result.has_rejected_one_of_many(0)
    assert result.interrupted_batches(since) == 0 and not result.has_rejected_one_of_many(since)


def test_single_dead_letter_needs_others_beside(tmp_path: Path) -> None:
    assert log(tmp_path, projected(7, 0), projected(7, 1)).has_rejected_one_of_many(0)
    assert not log(tmp_path, projected(1, 1), projected(6, 0)).has_rejected_one_of_many(0)


def test_incomplete_line_is_ignored(tmp_path: Path) -> None:
    result = log(tmp_path, "first")
    with result.path.open("a") as file:
        file.write(projected(7, 1)[:-20])
    assert not result.has_rejected_one_of_many(0)
