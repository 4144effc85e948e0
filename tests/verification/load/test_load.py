"""A small load, from end to end."""

import json
from pathlib import Path

from tests.verification.command import completed


def test_small_load_is_carried(tmp_path: Path) -> None:
    small = ["--seconds", "1", "--http", "4", "--pool", "8", "--history", "40"]
    options = [*small, "--connections", "1", "--functions", "1", "--most", "20"]
    command = completed("verification.load", *options, LIVRO_PROOF=tmp_path)
    assert (tmp_path / "load.json").exists(), command.stderr
    outcome = json.loads((tmp_path / "load.json").read_text())["outcome"]
    assert outcome["audit"]["lost"] == outcome["audit"]["drift_minor"] == 0
    assert outcome["audit"]["accepted"] >= 40
    assert outcome["projector_down"]["writes"]["lost"] == 0
    assert outcome["highest"]["reads"]["rate"] <= 20
    assert "Next: python -m verification --collect" in command.stderr
    # The speed of this machine must not matter here: losses decide the exit code.
    phases = [outcome[name] for name in ("http", "projector_down", "pool")]
    lost = sum(phase[kind]["lost"] for phase in phases for kind in ("reads", "writes"))
    most = outcome["highest"]["reads"]
    is_carried = lost == 0 and most["lost"] <= most["requests"] / 1000
    assert command.returncode == (0 if is_carried else 1), command.stderr
