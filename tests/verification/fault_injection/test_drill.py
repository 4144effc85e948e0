"""`make drill` from end to end, as small as it can be."""

import json
import os
import subprocess
import sys
from pathlib import Path

from local.paths import PROJECT


def test_a_small_drill_loses_and_doubles_nothing_and_ends_by_itself(tmp_path: Path) -> None:
    # The seed decides that the first fault strikes a night.
    words = ["--kills", "3", "--entries", "60", "--minutes", "3", "--seed", "106"]
    ran = subprocess.run(
        [sys.executable, "-m", "verification.fault_injection", *words],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    outcome = json.loads((tmp_path / "drill.json").read_text())["outcome"]
    assert outcome["kills"] >= 3 and outcome["audit"]["accepted"] >= 60
    assert outcome["poison_parked"] == 7
    assert (outcome["audit"]["lost"], outcome["audit"]["doubled"]) == (0, 0)
    assert outcome["audit"]["drift_minor"] == 0
    assert outcome["faults"]["consolidate_range killed"] == 1
    assert outcome["nights"]["SUCCEEDED"] >= 2
    assert outcome["seals"]["closings"] > 1 and outcome["seals"]["faults"] == []
    assert "make proof" in ran.stderr
