"""Speed beside peers: `python -m benchmarks`; `make bench` runs it in an environment of its own."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import peers
from benchmarks.circumstances import circumstances
from benchmarks.comparisons import COMPARISONS, Extent
from benchmarks.findings import Finding, Target, markdown
from benchmarks.page import summary, write_page
from local.places import PROJECT


def main() -> int:
    """Make the comparisons that the command line names; answer the exit code."""
    words = _parser().parse_args()
    extent = Extent(words.rounds, words.entries)
    if words.here:
        print(json.dumps(asdict(COMPARISONS[words.here](extent))))
        return 0
    names = words.only or list(COMPARISONS)
    findings = {name: _in_a_process(name, extent) for name in names}
    print("\n\n".join(markdown(finding) for finding in findings.values()))
    _tell(summary(findings))
    if len(findings) == len(COMPARISONS):
        page = write_page(words.folder, circumstances(), extent, peers.versions(), findings)
        _tell(f"Written: {page}. Read the missed targets' reasons there; `make proof` takes it up.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="in large comparisons")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contender")
    parser.add_argument("--only", nargs="+", choices=COMPARISONS, help="these comparisons alone")
    parser.add_argument("--folder", type=Path, default=PROJECT / "docs", help="of the page")
    parser.add_argument("--here", choices=COMPARISONS, help=argparse.SUPPRESS)
    return parser


def _in_a_process(name: str, extent: Extent) -> Finding:
    """Make one comparison in a process of its own: what another left in memory slows nobody."""
    _tell(f"{name} …")
    started = time.monotonic()
    size = ["--entries", str(extent.entries), "--rounds", str(extent.rounds)]
    command = [sys.executable, "-m", "benchmarks", "--here", name, *size]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=PROJECT)
    finding = _finding(ran.stdout.splitlines()[-1])
    _tell(f"  {time.monotonic() - started:.0f} s, {_standing(finding.targets)}")
    return finding


def _finding(told: str) -> Finding:
    fields = json.loads(told)
    return Finding(**{**fields, "targets": [Target(**target) for target in fields["targets"]]})


def _standing(targets: Sequence[Target]) -> str:
    missed = [target.name for target in targets if not target.met]
    return f"missed: {'; '.join(missed)}" if missed else "every target met"


def _tell(news: str) -> None:
    print(news, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
