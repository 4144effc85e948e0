"""Plant known mistakes in copies of the code, and check that the tests detect each of them."""

import argparse
import sys
import time

from verification.planted_faults.faults import Fault, FaultError, load_faults
from verification.planted_faults.runner import SurvivorError, run_faults


def main() -> int:
    """Run or list the faults that the command line selects; return 0 when all are killed.

    Returns 1 for a fault that survives and 2 for one that cannot be judged.
    """
    words = _parser().parse_args()
    try:
        faults = _selected(words.only)
        if words.list:
            _print_list(faults)
            return 0
        return _run(faults)
    except FaultError as error:
        _print(f"Error: {error}")
        _print("Next: correct the fault in verification/planted_faults/faults, or the tests.")
        return 2


def _run(faults: list[Fault]) -> int:
    started = time.monotonic()
    try:
        run_faults(faults, _print)
    except SurvivorError as error:
        _print(str(error))
        _print("Next: add a check that fails with this fault, and run with --only and its name.")
        return 1
    except KeyboardInterrupt:
        return 130
    _print(f"All {len(faults)} faults were killed in {time.monotonic() - started:.0f} s.")
    _print("Next: add the mistake that you fear most, as a [[fault]] of its package.")
    return 0


def _print_list(faults: list[Fault]) -> None:
    for fault in faults:
        _print(f"{fault.package}: {fault.name}")
    _print(f"{len(faults)} faults. Next: python -m verification.planted_faults --only TEXT")


def _selected(text: str) -> list[Fault]:
    faults = [fault for fault in load_faults() if text.lower() in _searched(fault)]
    if not faults:
        raise FaultError(f'No fault has "{text}" in its package, file or name; --list shows all.')
    return faults


def _searched(fault: Fault) -> str:
    return f"{fault.package} {fault.file} {fault.name}".lower()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification.planted_faults", description=__doc__
    )
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="faults with this in package, file or name"
    )
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    return parser


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
