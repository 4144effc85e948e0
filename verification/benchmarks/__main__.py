"""Compare the speed of this project with simpler or lower-level ways to do the same.

Each ratio is printed beside the one in docs/report.json. Each comparison runs in its own process.
All of them together are stored for the report; --only prints some. psycopg, openpyxl and ReportLab
are compared if they are installed: run it by `.venv-bench/bin/python`, which
`python3 -m local.setup bench` installs.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from tempfile import TemporaryFile
from typing import Any

from verification.benchmarks import COMPARISONS, Extent
from verification.commands import VerificationError, at_least, progress, run_child, run_command

LIBRARIES = ("chalice", "pydantic", "pg8000", "redis", "psycopg", "openpyxl", "reportlab")


class ComparisonError(VerificationError):
    """A comparison ended without a result; the message names it."""


def main() -> int:
    """Make the comparisons that the command line names."""
    arguments = _parser().parse_args()
    extent = Extent(arguments.rounds, arguments.entries)
    if arguments.here:
        module = import_module(f"verification.benchmarks.{COMPARISONS[arguments.here]}")
        print(json.dumps(asdict(module.measure(extent))))
        return 0
    _compare(arguments.only or list(COMPARISONS), extent)
    return 0


def _compare(names: Sequence[str], extent: Extent) -> None:
    from verification.benchmarks.earlier import published_benchmarks, ratios_table
    from verification.benchmarks.results import Outcome, summary
    from verification.report_page import comparison_section
    from verification.results import remove_result, write_result

    is_complete = set(names) == set(COMPARISONS)
    if is_complete:
        remove_result("benchmarks")
    comparisons = [_in_a_process(name, extent) for name in names]
    published = published_benchmarks()
    for comparison in comparisons:
        ratios = ratios_table(comparison, published)
        print("\n\n".join([*comparison_section(comparison), ratios]) + "\n")
    progress(summary(comparisons))
    if is_complete:
        versions = {name: _version(name) for name in LIBRARIES}
        outcome = Outcome(extent.rounds, extent.entries, versions, comparisons)
        path = write_result("benchmarks", outcome)
        progress(f"Written: {path}. Next: python -m verification --collect")
    else:
        progress("Next: leave out --only, to store all comparisons for the report.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verification.benchmarks", description=__doc__)
    parser.add_argument(
        "--entries", type=at_least(1), default=1_000_000, help="in large comparisons"
    )
    parser.add_argument(
        "--rounds", type=at_least(1), default=7, help="measurements of each variant"
    )
    parser.add_argument("--only", nargs="+", choices=COMPARISONS, help="make only these")
    parser.add_argument("--here", choices=COMPARISONS, help=argparse.SUPPRESS)
    return parser


def _in_a_process(name: str, extent: Extent) -> dict[str, Any]:
    """Make one comparison in its own process, so that no other one's memory slows it down."""
    progress(f"{name} …")
    started = time.monotonic()
    size = ["--entries", str(extent.entries), "--rounds", str(extent.rounds)]
    command = [sys.executable, "-m", "verification.benchmarks", "--here", name, *size]
    with TemporaryFile("w+") as output:
        if code := run_child(command, output, None):
            raise ComparisonError(
                f"the comparison {name} failed with exit code {code}, and nothing was stored. "
                f"Next: python -m verification.benchmarks --only {name}"
            )
        output.seek(0)
        comparison: dict[str, Any] = json.loads(output.readlines()[-1])
    missed = [target["name"] for target in comparison["targets"] if not target["met"]]
    progress(
        f"  {time.monotonic() - started:.0f} s, "
        + (f"missed: {'; '.join(missed)}" if missed else "every target met")
    )
    return comparison


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    is_child = "--here" in sys.argv
    consequence = "the comparison is incomplete." if is_child else "nothing was stored."
    sys.exit(run_command(main, consequence))
