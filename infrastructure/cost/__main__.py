"""`python -m infrastructure.cost`: measure what the handlers use, and print what a month costs."""

import argparse
import sys

from infrastructure.cost.measured import measure
from infrastructure.cost.measurement import emulated_stage
from infrastructure.cost.page import page
from infrastructure.cost.prices import prices


def main() -> int:
    """Measure, and print the page; progress goes to standard error."""
    argparse.ArgumentParser(prog="python -m infrastructure.cost", description=__doc__).parse_args()
    _progress("Starting PostgreSQL and an emulation of AWS …")
    with emulated_stage() as stage:
        _progress("Measuring the handlers (about half a minute) …")
        measured = measure(stage)
    print(page(measured, prices()))
    _progress("Prices are in infrastructure/cost/prices.toml; assumptions in workload.py.")
    return 0


def _progress(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
