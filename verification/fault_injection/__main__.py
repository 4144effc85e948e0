"""`python -m proof.drill`, which `make drill` runs: real faults on a laptop cloud of its own."""

import argparse
import os
import sys

from local.emulator import forget_real_aws
from local.signals import SignalReceivedError, signals_as_exceptions
from verification.fault_injection.consumer import NoResponseError
from verification.fault_injection.nights import ConsolidationRunError
from verification.fault_injection.outcome import Extent, Outcome
from verification.fault_injection.poison import DeadLetterError
from verification.fault_injection.run import run
from verification.fault_injection.writing import SplitHistoryError
from verification.local_cluster import ClusterDownError
from verification.results import forget_result, tell, write_result


def main() -> int:
    """Drill as the command line says; answer 0 when nothing was lost, doubled or off."""
    words = _parser().parse_args()
    forget_real_aws(os.environ)
    extent = Extent(words.kills, words.entries, words.seed, words.minutes)
    forget_result("drill")
    tell("drill: real faults while entries are written")
    try:
        with signals_as_exceptions():
            outcome = run(extent, tell)
    except SignalReceivedError:
        return 130
    except (
        ClusterDownError,
        NoResponseError,
        SplitHistoryError,
        ConsolidationRunError,
        DeadLetterError,
    ) as failure:
        tell(f"drill failed with seed {extent.seed}: {failure}")
        return 1
    _tell_outcome(outcome)
    if not outcome.in_time:
        tell("Not written, for it ran out of time; --minutes gives it more.")
        return 1
    path = write_result("drill", outcome)
    tell(f"Written: {path}; `make proof` puts it on the report card.")
    return 0 if outcome.clean else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification.fault_injection", description=__doc__
    )
    parser.add_argument("--kills", type=int, default=300, help="at least so many processes")
    parser.add_argument("--entries", type=int, default=20_000, help="at least so many accepted")
    parser.add_argument("--seed", type=int, default=1, help="decides what is written and struck")
    parser.add_argument("--minutes", type=float, default=45.0, help="no longer than this")
    return parser


def _tell_outcome(outcome: Outcome) -> None:
    result = outcome.audit
    for kind, hits in outcome.faults.items():
        slowest = outcome.slowest_recovery_seconds.get(kind)
        broken = outcome.broken.get(kind)
        response = "" if broken is None else f", {broken} batches or requests broken off"
        response += "" if slowest is None else f", well again in {slowest} s at most"
        tell(f"  {hits:5} {kind}{response}")
    tell(
        f"  {outcome.kills} kills, {result.accepted:,} entries accepted in {outcome.seconds:.0f} s: "
        f"{result.lost} lost, {result.doubled} doubled, {result.drift_minor} minor units of drift, "
        f"{result.unknown} unknown, {result.uncounted} uncounted, {result.contradictions} answered "
        f"otherwise than sent or before, {result.repaired_by_nights} repaired by nights, "
        f"{result.repaired} by a rebuild afterwards"
    )
    nights = ", ".join(f"{number} {status}" for status, number in sorted(outcome.nights.items()))
    seals = outcome.seals
    tell(
        f"  nights: {nights}; {seals.closings} closings of {seals.days} days, {seals.restated} of "
        f"them new versions, {len(seals.faults)} faults"
    )
    if outcome.never_hit:
        tell(f"  never struck: {'; '.join(outcome.never_hit)}")
    for fault in (*result.examples, *seals.faults):
        tell(f"    {fault}")


if __name__ == "__main__":
    sys.exit(main())
