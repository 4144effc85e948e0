"""`make bench` from end to end, so small that it tells nothing but that it works."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.comparisons import COMPARISONS
from local.places import PROJECT


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
    told = json.loads((tmp_path / "benchmarks.json").read_text())
    assert list(told["findings"]) == list(COMPARISONS)
    page = (tmp_path / "benchmarks.md").read_text()
    assert all(f"## {finding['title']}" in page for finding in told["findings"].values())
    assert told["summary"] in ran.stderr and "Written:" in ran.stderr
