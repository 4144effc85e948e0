"""`python -m proof.load`, which `make load` runs: reads under load on a laptop cloud of its own."""

import argparse
import os
import sys

from local.emulator import forget_real_aws
from local.signals import SignalReceivedError, signals_as_exceptions
from verification.fault_injection.consumer import NoResponseError
from verification.load.outcome import Extent, Outcome
from verification.load.run import run
from verification.load.search import MOST
from verification.local_cluster import ClusterDownError
from verification.results import forget_result, tell, write_result


def main() -> int:
    """Load as the command line says; answer 0 when nothing was lost at the given rates."""
    words = _parser().parse_args()
    forget_real_aws(os.environ)
    extent = Extent(
        seconds=words.seconds,
        http_rate=words.http,
        pool_rate=words.pool,
        writes=words.writes,
        trial_seconds=min(10.0, words.seconds),
        history=words.history,
        functions=words.functions,
        connections=words.connections,
        most=words.most,
        seed=words.seed,
    )
    forget_result("load")
    tell("load: reads of daily balances at moments fixed in advance, while entries are written")
    try:
        with signals_as_exceptions():
            outcome = run(extent, tell)
    except SignalReceivedError:
        return 130
    except (ClusterDownError, NoResponseError) as failure:
        tell(f"load failed: {failure}")
        return 1
    _tell_outcome(outcome)
    tell(f"Written: {write_result('load', outcome)}; `make proof` puts it on the report card.")
    return 0 if outcome.carried else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verification.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each phase")
    parser.add_argument("--http", type=float, default=50.0, help="reads a second over HTTP")
    parser.add_argument("--pool", type=float, default=200.0, help="reads a second, warm functions")
    parser.add_argument("--writes", type=float, default=5.0, help="entries a second beside them")
    parser.add_argument("--history", type=int, default=2000, help="entries written before")
    parser.add_argument("--functions", type=int, default=os.cpu_count() or 2, help="warm ones")
    parser.add_argument("--connections", type=int, default=4, help="of HTTP, kept open")
    parser.add_argument("--most", type=float, default=MOST, help="reads a second, never more")
    parser.add_argument("--seed", type=int, default=1, help="decides moments and requests")
    return parser


def _tell_outcome(outcome: Outcome) -> None:
    most, result = outcome.highest.reads, outcome.audit
    tell(f"  highest rate carried: {most.rate:,.0f}/s, {most.loss:.2%} lost")
    tell(
        f"  one warm function, a process over pipes without HTTP: {outcome.cost.cpu * 1000:.2f} ms "
        f"of CPU and {outcome.cost.waiting * 1000:.2f} ms of waiting a request"
    )
    for need in outcome.needs:
        beyond = "" if need.within_quota else ", more than an account's usual quota"
        tell(
            f"    {need.rate:>5,}/s at {need.memory_mb:,} MB: {need.functions:,} functions at "
            f"once{beyond}, {need.database_processors:,} processors of PostgreSQL at most"
        )
    tell(
        f"  {result.accepted:,} entries written: {result.lost} lost, {result.doubled} doubled, "
        f"{result.drift_minor} minor units of drift, {result.contradictions} answered otherwise than "
        "sent or before"
    )
    for example in result.examples:
        tell(f"    {example}")


if __name__ == "__main__":
    sys.exit(main())
