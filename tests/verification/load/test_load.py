"""A small load, from end to end."""

import json
from pathlib import Path

from tests.verification.command import completed
from verification.thresholds import requests_lost


def test_small_load_is_carried(tmp_path: Path) -> None:
    small = ["--seconds", "1", "--http", "4", "--pool", "8", "--history", "40"]
    options = [*small, "--connections", "1", "--functions", "1", "--most", "20"]
    command = completed("verification.load", *options, LIVRO_PROOF=tmp_path)
    assert (tmp_path / "load.json").exists(), command.stderr
    outcome = json.loads((tmp_path / "load.json").read_text())["outcome"]
    assert outcome["audit"]["lost"] == outcome["audit"]["drift_minor"] == 0
    assert outcome["audit"]["accepted"] >= 40
    assert outcome["highest"]["reads"]["rate"] <= 20
    assert "Next: python -m verification --collect" in command.stderr
    # The speed of this machine must not matter here: losses decide the exit code.
    assert command.returncode == (1 if requests_lost(outcome) else 0), command.stderr
