"""The log tells which batches broke because they were killed, and which parked poison."""

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


def test_a_batch_is_broken_by_a_kill_and_not_by_a_failure_of_its_own(tmp_path: Path) -> None:
    killed, failed = f"{FAILED}Worker process died)", f"{FAILED}SQLSTATE 57P03)"
    assert log(tmp_path, killed, failed, killed, "else").broken_batches(since=0) == 2


def test_only_what_came_since_the_mark_counts(tmp_path: Path) -> None:
    result = log(tmp_path, f"{FAILED}Worker process died)", projected(7, 1))
    since = result.mark()
    assert result.broken_batches(0) == 1 and result.has_parked_one_of_many(0)
    assert result.broken_batches(since) == 0 and not result.has_parked_one_of_many(since)


def test_poison_alone_in_its_batch_is_not_in_a_batch(tmp_path: Path) -> None:
    assert log(tmp_path, projected(7, 0), projected(7, 1)).has_parked_one_of_many(0)
    assert not log(tmp_path, projected(1, 1), projected(6, 0)).has_parked_one_of_many(0)


def test_a_line_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    result = log(tmp_path, "first")
    with result.path.open("a") as file:
        file.write(projected(7, 1)[:-20])
    assert not result.has_parked_one_of_many(0)
