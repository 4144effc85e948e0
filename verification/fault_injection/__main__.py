"""Inject real faults into a temporary local cluster while entries are written.

Kills processes, freezes, flushes and slows down stores, cuts connections and interrupts
consolidation runs; then compares everything that was accepted with what the service returns.
"""

import argparse
import sys
from functools import partial

from verification.commands import at_least, positive, progress, run_command


def main() -> int:
    """Inject what the command line says; return 0 when nothing was lost, doubled or wrong."""
    arguments = _parser().parse_args()
    from verification.fault_injection.context import Extent
    from verification.fault_injection.run import run
    from verification.report import run_part

    extent = Extent(arguments.kills, arguments.entries, arguments.seed, arguments.minutes)
    progress("fault injection: real faults while entries are written")
    return run_part("fault_injection", partial(run, extent))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification.fault_injection", description=__doc__
    )
    parser.add_argument(
        "--kills", type=at_least(1), default=300, help="kill at least this many processes"
    )
    parser.add_argument(
        "--entries", type=at_least(1), default=20_000, help="write at least this many"
    )
    parser.add_argument("--seed", type=int, default=1, help="decides entries and faults")
    parser.add_argument("--minutes", type=positive, default=45.0, help="stop after this time")
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main, "no result was written."))
