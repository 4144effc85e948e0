"""Plant known mistakes in copies of the code, and check that the tests detect each of them."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from verification.commands import run_command

if TYPE_CHECKING:
    from verification.planted_faults.faults import Fault


def main() -> int:
    """Run or list the faults that the command line selects; return 0 when all are killed.

    Returns 1 for a fault that survives and 2 for one that cannot be judged.
    """
    arguments = _parser().parse_args()
    from verification.planted_faults.faults import FaultError, select_faults

    try:
        faults = select_faults(arguments.only, arguments.all)
        if arguments.list:
            for fault in faults:
                _print(f"{fault.package}: {fault.name}")
            _print(f"{len(faults)} faults. Next: python -m verification.planted_faults --only TEXT")
            return 0
        return _run(faults)
    except FaultError as error:
        _print(f"Error: {error}")
        _print("Next: correct verification/planted_faults/faults or core.txt, or the tests.")
        return 2


def _run(faults: "list[Fault]") -> int:
    from verification.planted_faults.runner import SurvivorError, run_faults

    _print(f"{len(faults)} faults on two workers.")
    started = time.monotonic()
    try:
        run_faults(faults, _print)
    except SurvivorError as error:
        _print(str(error))
        _print("Next: add a check that fails with this fault, and run with --only and its name.")
        return 1
    _print(f"The tests detected all {len(faults)} faults in {time.monotonic() - started:.0f} s.")
    _print("Next: run with --all, or add the mistake that you fear most as a [[fault]].")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification.planted_faults", description=__doc__
    )
    parser.add_argument("--all", action="store_true", help="every fault, not only the core")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="every fault with this in package, file or name"
    )
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    return parser


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(run_command(main, "the project itself was not changed."))
