"""Speed beside peers: `python -m verification.benchmarks`; `make bench` runs it in an environment of its own."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from local.paths import PROJECT
from local.signals import SignalReceivedError, signals_as_exceptions
from verification.benchmarks import peers
from verification.benchmarks.comparisons import COMPARISONS, Extent
from verification.benchmarks.page import summary, write_page
from verification.benchmarks.results import Finding, Target, markdown
from verification.benchmarks.run_metadata import circumstances

PAGE_FILES = ("verification.benchmarks.md", "verification.benchmarks.json")


class ComparisonError(Exception):
    """A comparison came to no finding; the message names it."""


def main() -> int:
    """Make the comparisons that the command line names; answer the exit code, 130 for a signal."""
    words = _parser().parse_args()
    extent = Extent(words.rounds, words.entries)
    try:
        with signals_as_exceptions():
            if words.here:
                print(json.dumps(asdict(COMPARISONS[words.here](extent))))
            else:
                _compare(words.only or list(COMPARISONS), extent, words.folder)
    except SignalReceivedError as interrupted:
        if not words.here:
            _tell(f"interrupted by {interrupted}; no page was written")
        return 130
    except ComparisonError as failure:
        _tell(f"{failure}")
        return 1
    return 0


def _compare(names: Sequence[str], extent: Extent, folder: Path) -> None:
    is_whole = set(names) == set(COMPARISONS)
    if is_whole:
        # A page of an earlier run must not pass for what this one found, however it ends.
        for name in PAGE_FILES:
            (folder / name).unlink(missing_ok=True)
    findings = {name: _in_a_process(name, extent) for name in names}
    print("\n\n".join(markdown(finding) for finding in findings.values()))
    _tell(summary(findings))
    if is_whole:
        page = write_page(folder, circumstances(), extent, peers.versions(), findings)
        _tell(f"Written: {page}. Read the missed targets' reasons there; `make proof` takes it up.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verification.benchmarks", description=__doc__)
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
    code, printed = _ran(command)
    if code:
        raise ComparisonError(
            f"The comparison {name} failed with exit code {code}, so no page was written; what it "
            f"said stands above. Alone again: make bench ONLY={name}"
        )
    finding = _finding(printed.splitlines()[-1])
    _tell(f"  {time.monotonic() - started:.0f} s, {_standing(finding.targets)}")
    return finding


def _ran(command: Sequence[str]) -> tuple[int, str]:
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        start_new_session=True,  # a Ctrl-C in the terminal is ours to handle
    ) as comparison:
        try:
            printed, _ = comparison.communicate()
        except BaseException:
            comparison.terminate()  # it stops its servers, and is waited for
            raise
    return comparison.returncode, printed


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
