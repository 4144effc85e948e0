"""The commands of the laptop cloud: `python -m local <command>`; the Makefile calls them."""

import argparse
import os
import sys

from chalicelib.ledger.errors import LivroCaixaError
from deploy.read_model import RebuildError
from local import commands
from local.emulator import forget_real_aws
from local.endpoints import NotRunningError
from local.running import AlreadyRunningError
from local.signals import SignalReceivedError, signals_as_interruptions
from local.token import TokenRequestError

PLAIN = (
    AlreadyRunningError,
    NotRunningError,
    TokenRequestError,
    LivroCaixaError,
    RebuildError,
    RuntimeError,
)


def main() -> int:
    """Carry out the command of the command line; answer the exit code."""
    words = _parser().parse_args()
    forget_real_aws(os.environ)
    try:
        with signals_as_interruptions():
            code: int = words.command(words)
    except SignalReceivedError:
        return 0
    except PLAIN as problem:
        print(problem, file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    several = parser.add_subparsers(required=True, metavar="command")
    run = several.add_parser("run", help="start the laptop cloud and stay")
    run.add_argument("--with-owner", type=int, help="stop when this parent process ends")
    run.add_argument("--temporary", action="store_true", help="keep nothing afterwards")
    run.set_defaults(command=commands.run)
    token = several.add_parser("token", help="print an access token of a demo user")
    token.add_argument("user")
    token.set_defaults(command=commands.token)
    rebuild = several.add_parser("rebuild", help="make the read model again from the ledger")
    rebuild.add_argument("merchant", nargs="?", help="one merchant alone")
    rebuild.add_argument("--position", help="go on where an earlier one was left")
    rebuild.set_defaults(command=commands.rebuild_read_model)
    close = several.add_parser("close-day", help="consolidate a day by the state machine")
    close.add_argument("day", nargs="?", help="YYYY-MM-DD")
    close.set_defaults(command=commands.close)
    chalice = several.add_parser("chalice-local", help="serve the routes alone by chalice local")
    chalice.add_argument("--with-owner", type=int, help="stop when this parent process ends")
    chalice.set_defaults(command=commands.chalice_local)
    demo = several.add_parser("demo", help="record a quarter of a bakery's entries")
    demo.set_defaults(command=commands.demo)
    return parser


if __name__ == "__main__":
    sys.exit(main())
