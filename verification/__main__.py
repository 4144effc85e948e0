"""Run simulation, fault injection, load and benchmarks, and write one report of all of them.

With --collect nothing is run: the report is written from the newest result of each.
"""

import argparse
import os
import sys
from pathlib import Path

from local.paths import BENCH_ENVIRONMENT, PROJECT
from verification.commands import (
    at_least,
    existing_folder,
    positive,
    progress,
    run_child,
    run_command,
)


def main() -> int:
    """Run what the command line says and write the report; return 0 when it is clean."""
    arguments = _parser().parse_args()
    from local.emulator import forget_real_aws

    forget_real_aws(os.environ)
    failed = [] if arguments.collect else _run_all(arguments)
    is_clean = _write_report(arguments.folder)
    if failed:
        progress(f"These parts failed: {', '.join(failed)}. Next: run one alone to see its reason.")
    return 0 if is_clean and not failed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verification", description=__doc__)
    parser.add_argument("--collect", action="store_true", help="only write the report")
    parser.add_argument("--seeds", type=at_least(1), default=2000, help="seeds to simulate")
    parser.add_argument("--kills", type=at_least(1), default=300, help="processes to kill")
    parser.add_argument(
        "--entries", type=at_least(1), default=20_000, help="entries to write meanwhile"
    )
    parser.add_argument("--seconds", type=positive, default=60.0, help="length of each load phase")
    parser.add_argument(
        "--benchmark-entries",
        type=at_least(1),
        default=1_000_000,
        help="entries in large comparisons",
    )
    parser.add_argument(
        "--folder", type=existing_folder, default=PROJECT / "docs", help="of the report"
    )
    return parser


def _run_all(arguments: argparse.Namespace) -> list[str]:
    """Run all parts one after the other; return the names of those that failed."""
    from verification.report import show
    from verification.results import PARTS, remove_result, write_result
    from verification.simulation_run import simulate

    for part in PARTS:
        remove_result(part)
    simulated = simulate(arguments.seeds, progress)
    write_result("simulation", simulated)
    with_psycopg = BENCH_ENVIRONMENT / "bin" / "python"
    kills, entries = str(arguments.kills), str(arguments.entries)
    commands = {
        "fault_injection": [sys.executable, "--kills", kills, "--entries", entries],
        "load": [sys.executable, "--seconds", str(arguments.seconds)],
        "benchmarks": [
            str(with_psycopg) if with_psycopg.exists() else sys.executable,
            "--entries",
            str(arguments.benchmark_entries),
        ],
    }
    failed = [] if show("simulation", simulated) else ["simulation"]
    for part, (python, *options) in commands.items():
        # What the parts print is progress here; the report has the figures.
        if run_child([python, "-m", f"verification.{part}", *options], sys.stderr, None):
            failed.append(part)
    return failed


def _write_report(folder: Path) -> bool:
    import json
    from dataclasses import asdict

    from verification.report import build_report, is_clean
    from verification.report_page import markdown
    from verification.results import PARTS, read_result
    from verification.run_metadata import run_metadata

    folder.mkdir(parents=True, exist_ok=True)
    results = {part: read_result(part) for part in PARTS}
    report = build_report(results, asdict(run_metadata()))
    text = json.dumps(report, indent=2, ensure_ascii=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    progress(f"Written: {folder / 'report.md'}. {report['verdict']}")
    progress("Next: read its missed targets.")
    return is_clean(report)


if __name__ == "__main__":
    sys.exit(run_command(main, "no report was written."))
