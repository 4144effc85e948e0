"""Who asks a proof to end gets one line and an exit code, and no process stays behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import PROJECT
from local.processes import descendants
from verification.local_cluster import wait_until


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_proof_that_is_asked_to_end_takes_everything_with_it(
    tmp_path: Path, which: signal.Signals
) -> None:
    log = tmp_path / "log"
    with log.open("w") as output:
        proof = subprocess.Popen(
            [sys.executable, "-m", "proof", "--folder", str(tmp_path)],
            cwd=PROJECT,
            env=os.environ | {"LIVRO_PROOF": str(tmp_path)},
            stderr=output,
        )
    # The simulation and its own workers.
    children = wait_until(lambda: _more_than_two(proof.pid), "no simulation", log)
    proof.send_signal(which)
    assert proof.wait(timeout=60) == 130
    wait_until(lambda: not any(map(_is_there, children)), "processes stayed behind", log)
    text = log.read_text().splitlines()
    assert text[1:] == ["Interrupted: no report card was written."]
    assert not (tmp_path / "verification.json").exists()


def _more_than_two(pid: int) -> list[int]:
    result = descendants(pid)
    return result if len(result) > 2 else []


def _is_there(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
