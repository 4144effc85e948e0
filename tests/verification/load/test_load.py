"""A small load, from end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

from local.paths import PROJECT


def test_small_load_is_carried(tmp_path: Path) -> None:
    small = ["--seconds", "1", "--http", "4", "--pool", "8", "--history", "40"]
    options = [*small, "--connections", "1", "--functions", "1", "--most", "20"]
    completed = subprocess.run(
        [sys.executable, "-m", "verification.load", *options],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (tmp_path / "load.json").exists(), completed.stderr
    outcome = json.loads((tmp_path / "load.json").read_text())["outcome"]
    assert outcome["audit"]["lost"] == outcome["audit"]["drift_minor"] == 0
    assert outcome["audit"]["accepted"] >= 40
    assert outcome["projector_down"]["writes"]["lost"] == 0
    assert outcome["highest"]["reads"]["rate"] <= 20
    assert "Next: python -m verification --collect" in completed.stderr
    # The speed of this machine must not matter here: losses decide the exit code.
    phases = [outcome[name] for name in ("http", "projector_down", "pool")]
    lost = sum(phase[kind]["lost"] for phase in phases for kind in ("reads", "writes"))
    most = outcome["highest"]["reads"]
    is_carried = lost == 0 and most["lost"] <= most["requests"] / 1000
    assert completed.returncode == (0 if is_carried else 1), completed.stderr
