"""Run scenarios: python -m verification.simulation --seeds 2000, or --seed 7 for one in detail.

A failing seed is printed with the command that runs it again; it fails the same way each time, on
any machine. `--mutant` plants a mistake, to see what it does. `--traces` replays the seeds whose
traces are saved (see trace.py).
"""

import argparse
import json
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing

from verification.commands import at_least, new_file, run_command
from verification.simulation import trace
from verification.simulation.faults import Fate
from verification.simulation.mutants import mutations
from verification.simulation.seeds import Outcome, processors, run, run_seed
from verification.simulation.violations import InvariantError
from verification.simulation.world import World

MAX_PRINTED = 10


def main() -> int:
    """Run the command line; return 1 when an invariant was violated."""
    arguments = _arguments()
    return _run_many(arguments) if arguments.seed is None else _run_one(arguments)


def _run_many(arguments: argparse.Namespace) -> int:
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    if arguments.traces:
        seeds = range(trace.SAVED_SEEDS)
    began, outcome = time.monotonic(), Outcome()
    with ExitStack() as stack:
        stack.callback(print, file=sys.stderr)  # ends the line of progress
        for outcome in stack.enter_context(
            closing(run(seeds, arguments.workers, arguments.mutant))
        ):
            rate = outcome.seeds / (time.monotonic() - began)
            line = f"{outcome.seeds:,} of {len(seeds):,} seeds, {rate:.0f} a second, "
            print(f"\r{line}{len(outcome.failures)} failed", end="", file=sys.stderr, flush=True)
    seconds = time.monotonic() - began
    print(_summary(outcome, seconds))
    option = f" --mutant '{arguments.mutant}'" if arguments.mutant else ""
    for seed, what in sorted(outcome.failures.items())[:MAX_PRINTED]:
        command = f"python -m verification.simulation --seed {seed}{option}"
        print(f"seed {seed} fails: {what}\n  to run it again: {command}")
    if arguments.json:
        report = {**vars(outcome), "seconds": round(seconds, 1), "digest": outcome.digest}
        arguments.json.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    if arguments.traces == "save" and not outcome.failures:
        trace.save_digests(outcome.digests)
    differing = trace.differing_seeds(outcome.digests) if arguments.traces else []
    if arguments.traces:
        first = f", the first for seed {differing[0]}" if differing else ""
        print(f"{len(differing)} of {trace.SAVED_SEEDS} traces differ{first}")
    return 1 if outcome.failures or differing else 0


def _run_one(arguments: argparse.Namespace) -> int:
    # A scenario captures standard output, where the log goes.
    terminal, seed = sys.stdout, arguments.seed

    def print_action_or_fault(label: str, content: object) -> None:
        is_fault = label.startswith("call ") and content != Fate.ANSWERED.value
        if is_fault or label.startswith("action "):
            print(label, content, file=terminal)

    def narrate(world: World) -> None:
        world.trace.listener = print_action_or_fault

    try:
        result = run_seed(seed, arguments.mutant, narrate)
    except InvariantError as violation:
        print(f"seed {seed} fails: {violation}")
        return 1
    if arguments.trace:
        arguments.trace.write_text("".join(f"{line}\n" for line in result.trace))
    print(f"{_table(result.counts)}\nseed {seed} passes; digest {result.digest}")
    return 0


def _summary(outcome: Outcome, seconds: float) -> str:
    begins = (what.partition(":")[0] for what in outcome.failures.values())
    kinds = Counter(kind if kind.isalpha() else "broken" for kind in begins)
    broken = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return (
        f"{outcome.seeds:,} seeds in {seconds:.0f} s, {outcome.seeds / seconds:.0f} a second\n"
        f"{_table(outcome.counts)}\n"
        f"{broken or '0 lost, 0 doubled, 0 cents of drift'}\ndigest {outcome.digest}"
    )


def _table(counts: Counter[str]) -> str:
    return "\n".join(f"{count:>12,} {what}" for what, count in sorted(counts.items()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m verification.simulation", description=__doc__)
    parser.add_argument("--seeds", type=at_least(1), default=2000, help="number of scenarios")
    parser.add_argument("--first", type=int, default=0, help="seed of the first scenario")
    parser.add_argument("--seed", type=int, help="run one scenario, in detail")
    parser.add_argument(
        "--workers", type=at_least(1), default=processors(), help="number of processes"
    )
    parser.add_argument(
        "--mutant",
        choices=sorted(mutations()),
        metavar="NAME",
        help="mistake to plant; '?' lists them",
    )
    parser.add_argument("--json", type=new_file, help="write the outcome to this file")
    parser.add_argument("--trace", type=new_file, help="write the trace of --seed to this file")
    parser.add_argument(
        "--traces", choices=("check", "save"), help="replay the saved traces, or save them again"
    )
    arguments = parser.parse_args()
    if arguments.traces and arguments.mutant:
        parser.error("--traces cannot be combined with --mutant")
    if arguments.trace and arguments.seed is None:
        parser.error("--trace needs the --seed of one scenario")
    return arguments


if __name__ == "__main__":
    sys.exit(run_command(main, "the remaining scenarios did not run."))
