"""Load a temporary local cluster with reads of daily balances while entries are written.

Reads over HTTP, with and without a projector, through warm functions, and at the highest rate that
this machine carries; then compares what was written with what the service returns.
"""

import argparse
import os
import sys
from functools import partial

from verification.commands import at_least, positive, progress, run_command


def main() -> int:
    """Load as the command line says; return 0 when nothing was lost at the given rates."""
    arguments = _parser().parse_args()
    from verification.load.outcome import Extent
    from verification.load.run import run
    from verification.report import run_part

    extent = Extent(**vars(arguments), trial_seconds=min(10.0, arguments.seconds))
    progress("load: reads at moments fixed in advance, while entries are written")
    return run_part("load", partial(run, extent))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verification.load", description=__doc__)
    parser.add_argument("--seconds", type=positive, default=60.0, help="length of each phase")
    parser.add_argument(
        "--http", dest="http_rate", type=positive, default=50.0, help="reads a second over HTTP"
    )
    parser.add_argument(
        "--pool",
        dest="pool_rate",
        type=positive,
        default=200.0,
        help="reads a second, warm functions",
    )
    parser.add_argument(
        "--writes", type=positive, default=5.0, help="entries a second, beside the reads"
    )
    parser.add_argument("--history", type=at_least(1), default=2000, help="entries written before")
    parser.add_argument(
        "--functions", type=at_least(1), default=os.cpu_count() or 2, help="warm readers"
    )
    parser.add_argument(
        "--connections", type=at_least(1), default=4, help="HTTP connections kept open"
    )
    parser.add_argument("--most", type=positive, default=20_000.0, help="highest rate to try")
    parser.add_argument("--seed", type=int, default=1, help="decides moments and requests")
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main, "no result was written."))
