"""`python -m verification`, which `make proof` runs: every proof anew, then the report card of all.

With --collect the card is written from what each command found last, whenever that was.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.emulator import forget_real_aws
from local.paths import BENCH_ENVIRONMENT, PROJECT
from local.signals import SignalReceivedError, signals_as_exceptions
from verification.benchmarks.run_metadata import circumstances
from verification.commands import run_to_end
from verification.report import card, is_clean, is_right
from verification.report_page import markdown
from verification.results import forget_result, read_result, results_folder, tell, write_result
from verification.simulation_run import simulate

BENCH_RESULT = "verification.benchmarks.json"


def main() -> int:
    """Prove what the command line asks for, and write the card; answer 0 when it is clean."""
    words = _parser().parse_args()
    forget_real_aws(os.environ)
    try:
        with signals_as_exceptions():
            return _prove(words)
    except SignalReceivedError:
        tell("Interrupted: no report card was written.")
        return 130


def _prove(words: argparse.Namespace) -> int:
    about = asdict(circumstances())  # before any page is written, which changes the commit's files
    failed = [] if words.collect else _run_all(words)
    result = card(_results(words.folder), about)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    (words.folder / "verification.json").write_text(text + "\n", encoding="utf-8")
    (words.folder / "verification.md").write_text(markdown(result), encoding="utf-8")
    tell(f"Written: {words.folder / 'verification.md'}. {_verdict(result, failed)}")
    return 0 if is_clean(result) and not failed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verification", description=__doc__)
    parser.add_argument("--collect", action="store_true", help="run nothing, write the card alone")
    parser.add_argument("--seeds", type=int, default=2000, help="to simulate")
    parser.add_argument("--kills", type=int, default=300, help="of the drill")
    parser.add_argument("--entries", type=int, default=20_000, help="of the drill")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each phase of the load")
    parser.add_argument("--bench-entries", type=int, default=1_000_000, help="of large comparisons")
    parser.add_argument("--folder", type=Path, default=PROJECT / "docs", help="of the pages")
    return parser


def _run_all(words: argparse.Namespace) -> list[str]:
    """Run all parts one after the other; return the names of those that did not end well."""
    for name in ("simulation", "drill", "load"):
        forget_result(name)
    simulated = simulate(words.seeds, tell)
    write_result("simulation", simulated)
    ours = sys.executable
    drill = ["--kills", str(words.kills), "--entries", str(words.entries)]
    codes = {
        "drill": _ran([ours, "-m", "verification.fault_injection", *drill]),
        "load": _ran([ours, "-m", "verification.load", "--seconds", str(words.seconds)]),
        "bench": _bench(words),
    }
    failed = [name for name, code in codes.items() if code]
    return failed if simulated.clean else ["simulation", *failed]


def _bench(words: argparse.Namespace) -> int:
    # Measured in a folder of its own: a page that changes makes the commit another one.
    made = results_folder() / "bench"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    peers = str(BENCH_ENVIRONMENT / "bin" / "python")
    size = ["--entries", str(words.bench_entries), "--folder", str(made)]
    code = _ran([peers, "-m", "benchmarks", *size])
    (words.folder / BENCH_RESULT).unlink(missing_ok=True)
    for page in made.iterdir():
        shutil.copy(page, words.folder)
    return code


def _ran(command: list[str]) -> int:
    # What the parts print is progress here; the card has the figures.
    return run_to_end(command, sys.stderr, None)


def _results(folder: Path) -> dict[str, Any]:
    kept = {name: read_result(name) for name in ("simulation", "drill", "load")}
    bench = folder / BENCH_RESULT
    text = json.loads(bench.read_text(encoding="utf-8")) if bench.exists() else None
    return {**kept, "bench": text}


def _verdict(told: Mapping[str, Any], failed: list[str]) -> str:
    if failed:
        return f"Did not end well: {', '.join(failed)}; run `make {failed[0]}` alone to see why."
    if told["missing"]:
        return f"Missing: {', '.join(told['missing'])}; `make proof` runs them all."
    if is_right(told) and told["short_of"]:
        return f"Clean, but short of: {'; '.join(told['short_of'])}."
    return "Clean." if is_clean(told) else "Not clean: the page tells what is wrong."


if __name__ == "__main__":
    sys.exit(main())
