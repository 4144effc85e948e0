"""The laptop cloud: `python -m local COMMAND`. `make` calls the most common commands."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from chalicelib.ledger.errors import LivroCaixaError
from deploy.read_model import RebuildError
from local import commands
from local.emulator import forget_real_aws
from local.signals import SignalReceivedError, signals_as_exceptions

EXPECTED_ERRORS = (LivroCaixaError, RebuildError, RuntimeError)


def main() -> int:
    """Run the command of the command line; return the exit code."""
    arguments = _parser().parse_args()
    forget_real_aws(os.environ)
    try:
        with signals_as_exceptions():
            code: int = arguments.command(arguments)
    except SignalReceivedError:
        return 0
    except EXPECTED_ERRORS as error:
        print(error, file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--parent-pid", type=int, help="stop when this parent process ends")

    run = subparsers.add_parser("run", parents=[parent], help="start the laptop cloud and stay")
    run.add_argument("--temporary", action="store_true", help="remove all data at the end")
    run.set_defaults(command=commands.run)

    chalice = subparsers.add_parser(
        "chalice-local", parents=[parent], help="serve only the REST routes, by chalice local"
    )
    chalice.set_defaults(command=commands.chalice_local)

    demo = subparsers.add_parser("demo", help="record three months of a bakery's entries")
    demo.set_defaults(command=commands.demo)

    _add_import(subparsers)
    token = subparsers.add_parser("token", help="print an access token of a demo user")
    token.add_argument("user", nargs="?", default="operator", help="default: operator")
    token.set_defaults(command=commands.token)

    client = subparsers.add_parser(
        "client", help="print the API's address and the machine client's secret, for a shell"
    )
    client.set_defaults(command=commands.client)

    close = subparsers.add_parser("close-day", help="close a day of all merchants")
    close.add_argument("day", nargs="?", help="YYYY-MM-DD")
    close.set_defaults(command=commands.close)

    _add_rebuild(subparsers)
    return parser


def _add_import(subparsers: Any) -> None:
    imported = subparsers.add_parser("import", help="import a bank file, and print its rows")
    imported.add_argument("file", nargs="?", help="OFX, CSV, TSV or CNAB 240")
    imported.add_argument(
        "account", nargs="?", help="the account in the book, or NUMBER=ACCOUNT,NUMBER=ACCOUNT"
    )
    imported.add_argument("--preset", help="the bank's layout of a CSV file")
    imported.add_argument(
        "--mapping", type=Path, help="a JSON file that names a CSV file's columns"
    )
    imported.set_defaults(command=commands.import_bank_file)


def _add_rebuild(subparsers: Any) -> None:
    rebuild = subparsers.add_parser("rebuild", help="rebuild the read model from the ledger")
    rebuild.add_argument("merchant", nargs="?", help="default: all merchants")
    rebuild.add_argument("--position", help="resume a stopped rebuild: @FILE, as it printed")
    rebuild.set_defaults(command=commands.rebuild_read_model)


if __name__ == "__main__":
    sys.exit(main())
