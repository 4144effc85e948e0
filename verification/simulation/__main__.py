"""Tell stories of seeds: python -m tests.simulation --seeds 2000, or --seed 7 for one in detail.

A seed that fails is printed with how to see it again; it fails in the same way each time, on any
machine. `--mutant` plants a mistake, to see what its stories look like. `--check-traces` replays
the seeds whose traces are saved (see trace.py).
"""

import argparse
import json
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from local.signals import SignalReceivedError, signals_as_exceptions
from verification.simulation import trace_digests
from verification.simulation.mutants import mutations
from verification.simulation.seeds import Outcome, processors, run, tell_one
from verification.simulation.violations import InvariantError

MOST_PRINTED = 10


def main() -> int:
    """Tell what the command line asks for; return 1 when something did not stay true.

    A signal ends it with all its processes, and with 130.
    """
    arguments = _arguments()
    try:
        with signals_as_exceptions():
            if arguments.check_traces or arguments.save_traces:
                return _traces(arguments)
            return _many(arguments) if arguments.seed is None else _one(arguments)
    except SignalReceivedError as interrupted:
        print(f"\ninterrupted by {interrupted}", file=sys.stderr)
        return 130


def _many(asked: argparse.Namespace) -> int:
    began = time.monotonic()
    outcome = _outcome(range(asked.first, asked.first + asked.seeds), asked)
    seconds = time.monotonic() - began
    print(f"\n{_summary(outcome, seconds)}")
    _print_failures(outcome, asked.mutant)
    if asked.json:
        Path(asked.json).write_text(json.dumps(_report(outcome, seconds), indent=2) + "\n")
    return 1 if outcome.failures else 0


def _traces(asked: argparse.Namespace) -> int:
    """Replay the seeds whose traces are saved; name the first that differs, or save them again."""
    outcome = _outcome(range(trace_digests.SEEDS), asked)
    print()
    _print_failures(outcome, asked.mutant)
    if asked.save_traces and not outcome.failures:
        trace_digests.save(outcome.digests)
    seeds = trace_digests.differing(outcome.digests)
    if seeds:
        print(f"{len(seeds)} of {trace_digests.SEEDS} traces differ, first that of seed {seeds[0]}")
        return 1
    print(f"all {trace_digests.SEEDS} traces are as saved")
    return 0


def _outcome(seeds: range, asked: argparse.Namespace) -> Outcome:
    began = time.monotonic()
    outcome = Outcome()
    with closing(run(seeds, asked.workers, asked.mutant)) as result:
        for outcome in result:
            _progress(outcome, len(seeds), time.monotonic() - began)
    return outcome


def _print_failures(outcome: Outcome, mutant: str | None) -> None:
    for seed, what in sorted(outcome.failures.items())[:MOST_PRINTED]:
        print(f"seed {seed} fails: {what}\n  again, in detail: {_again(seed, mutant)}")


def _one(asked: argparse.Namespace) -> int:
    # A story keeps the log for itself, and standard output with it.
    outside, seed = sys.stdout, asked.seed
    try:
        result = tell_one(seed, asked.mutant, lambda line: print(line, file=outside))
    except InvariantError as violation:
        print(f"seed {seed} fails: {violation}")
        return 1
    if asked.trace:
        Path(asked.trace).write_text("".join(f"{line}\n" for line in result.trace))
    print(f"{_counted(result.counts)}\nseed {seed} stays true; digest {result.digest}")
    return 0


def _again(seed: int, mutant: str | None) -> str:
    words = f"make simulate SEED={seed}"
    return words if mutant is None else f"{words} ARGS=\"--mutant '{mutant}'\""


def _progress(outcome: Outcome, seeds: int, seconds: float) -> None:
    rate = outcome.seeds / seconds
    line = f"{outcome.seeds:,} of {seeds:,} seeds, {rate:.0f} a second, "
    print(f"\r{line}{len(outcome.failures)} failed", end="", file=sys.stderr, flush=True)


def _summary(outcome: Outcome, seconds: float) -> str:
    kinds = Counter(_kind(what) for what in outcome.failures.values())
    broken = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return (
        f"{outcome.seeds:,} seeds in {seconds:.0f} s, {outcome.seeds / seconds:.0f} a second\n"
        f"{_counted(outcome.counts)}\n"
        f"{broken or '0 lost, 0 doubled, 0 cents of drift'}\ndigest {outcome.digest}"
    )


def _counted(counts: Counter[str]) -> str:
    return "\n".join(f"{count:>12,} {what}" for what, count in sorted(counts.items()))


def _report(outcome: Outcome, seconds: float) -> dict[str, object]:
    return {
        "seeds": outcome.seeds,
        "seconds": round(seconds, 1),
        "failures": outcome.failures,
        "counts": dict(sorted(outcome.counts.items())),
        "digest": outcome.digest,
    }


def _kind(what: str) -> str:
    kind = what.partition(":")[0]
    return kind if kind.isalpha() else "broken"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=_at_least_one, default=2000, help="how many stories")
    parser.add_argument("--first", type=int, default=0, help="the first one's seed")
    parser.add_argument("--seed", type=int, help="one story, in detail")
    parser.add_argument("--workers", type=_at_least_one, default=processors(), help="at a time")
    parser.add_argument("--mutant", choices=sorted(mutations()), help="a mistake to plant")
    parser.add_argument("--json", help="a file for the outcome")
    parser.add_argument("--trace", help="a file for the trace of the one story")
    parser.add_argument("--check-traces", action="store_true", help="replay the saved traces")
    parser.add_argument("--save-traces", action="store_true", help="save them again")
    arguments = parser.parse_args()
    if arguments.save_traces and arguments.mutant:
        parser.error("--save-traces saves what the code does without a --mutant")
    if arguments.trace and arguments.seed is None:
        parser.error("--trace needs the --seed of one story")
    return arguments


def _at_least_one(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1 on, and is {word!r}")
    return int(word)


if __name__ == "__main__":
    sys.exit(main())
