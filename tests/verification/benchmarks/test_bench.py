"""`make bench` from end to end, so small that it tells nothing but that it works."""

import json
import subprocess
import sys
from pathlib import Path

from local.paths import PROJECT
from verification.benchmarks.comparisons import COMPARISONS


def test_every_comparison_runs_ends_and_is_written(tmp_path: Path) -> None:
    size = ["--entries", "60", "--rounds", "1", "--folder", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", *size],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    text = json.loads((tmp_path / "verification.benchmarks.json").read_text())
    assert list(text["findings"]) == list(COMPARISONS)
    page = (tmp_path / "verification.benchmarks.md").read_text()
    assert all(f"## {finding['title']}" in page for finding in text["findings"].values())
    assert text["summary"] in ran.stderr and "Written:" in ran.stderr
