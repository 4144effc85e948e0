"""`python -m deploy <command>`: build what is shipped, and bring stages in AWS up or down."""

import argparse
import json
import sys

from botocore.exceptions import BotoCoreError, ClientError

from deploy import (
    bill_of_materials,
    down,
    interfaces,
    read_model,
    read_model_load,
    rehearsal,
    up,
)
from deploy.aws import NotSignedInError, sign_in
from deploy.aws_models import ServiceNameError
from deploy.bundle import (
    AIM_BYTES,
    BundleSizeError,
    BytecodeError,
    DocumentError,
    make_bundle,
)
from deploy.chalice_cli import ChaliceCommandError
from deploy.concurrency import AccountError
from deploy.function_settings import StreamMissingError
from deploy.interpreters import InterpreterMissingError
from deploy.libraries import LibraryInstallError
from deploy.paths import DeployPaths, paths_of
from deploy.permissions import error_text
from deploy.smoke import SmokeTestError
from deploy.stacks import StackError, Stacks
from infrastructure.stages import StageFileError, load

# Errors whose message is all that the user needs; any other error is a bug and has a traceback.
EXPECTED_ERRORS = (
    AccountError,
    BotoCoreError,
    BundleSizeError,
    BytecodeError,
    ChaliceCommandError,
    ClientError,
    DocumentError,
    InterpreterMissingError,
    LibraryInstallError,
    NotSignedInError,
    ServiceNameError,
    SmokeTestError,
    StackError,
    StageFileError,
    StreamMissingError,
    down.ProtectedStageError,
    interfaces.InterfacesRemainError,
    read_model.MigrationFailedError,
    read_model.RebuildError,
)


def main() -> int:
    """Run the command of the command line; return the exit code."""
    arguments = _parser().parse_args()
    try:
        code: int = arguments.command(arguments)
    except EXPECTED_ERRORS as error:
        print(error_text(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; run the same command again to continue.", file=sys.stderr)
        return 130
    return code


def bundle(_arguments: argparse.Namespace) -> int:
    """Make the zip that is shipped to Lambda, and print its size and hash."""
    _make_bundle(paths_of("bundle"))
    return 0


def audit(_arguments: argparse.Namespace) -> int:
    """Check what is shipped for known vulnerabilities; return 1 where there are any.

    An unreachable advisory service is not a failure, since it says nothing about the packages.
    """
    paths = paths_of("bundle")
    if not paths.bill_of_materials.exists():
        _make_bundle(paths)
    bill = json.loads(paths.bill_of_materials.read_text())
    _report(f"Querying {bill_of_materials.OSV} …")
    try:
        vulnerabilities = bill_of_materials.audit(bill)
    except bill_of_materials.AuditError as error:
        _report(str(error))
        return 0
    print(bill_of_materials.audit_text(vulnerabilities, len(bill["components"])))
    return 1 if vulnerabilities else 0


def bring_up(arguments: argparse.Namespace) -> int:
    """Deploy or update a stage, and print its base URL."""
    deployment = _deployment(arguments.stage)
    _report_start("Deploying", deployment)
    print(up.bring_up(deployment))
    _report(
        f"Stage {deployment.stage.name} is ready at this address. Next: create users and machine "
        "clients (docs/operations.md); run the same command again to update the stage."
    )
    return 0


def rebuild(arguments: argparse.Namespace) -> int:
    """Rebuild a stage's read model from its ledger."""
    merchant, position = arguments.merchant, arguments.position
    if arguments.parts is not None and (merchant, position) != (None, None):
        raise read_model.RebuildError("--parts is for all merchants, and without --position.")
    stage, aws = load(arguments.stage), sign_in()
    _report(f"Rebuilding the read model of {merchant or 'all merchants'} on {stage.name} …")
    if merchant is None and position is None:
        print(read_model_load.rebuild_all(aws, stage, _report, arguments.parts))
        return 0
    lambdas = aws.session.client("lambda", **read_model.client_options())
    function = f"livro-caixa-{stage.name}-rebuild"
    counts = read_model.rebuild(lambdas, function, merchant, _report, position)
    print(f"Compared with the ledger, and repaired: {read_model.counts_text(counts)}.")
    return 0


def take_down(arguments: argparse.Namespace) -> int:
    """Remove a stage."""
    deployment = _deployment(arguments.stage)
    _report_start("Removing", deployment)
    down.take_down(deployment)
    return 0


def rehearse(arguments: argparse.Namespace) -> int:
    """Check an account for a stage without changing anything; return 1 where a check fails."""
    stage, aws = load(arguments.stage), sign_in()
    _report(f"Checking {aws.region} for {stage.name}; this only reads, and takes a minute or two …")
    results = list(rehearsal.rehearse(aws, stage))
    print(rehearsal.page(aws, stage, results))
    return int(any(result.good is False for result in results))


def _make_bundle(paths: DeployPaths) -> None:
    _report("Making the bundle; installing its libraries takes up to a minute the first time …")
    made = make_bundle(paths)
    print(f"{made.path}")
    print(f"  {made.size / 1e6:.1f} MB, unpacked {made.unpacked_size / 1e6:.1f} MB")
    print(f"  SHA-256 {made.sha256}")
    print(f"  contents (CycloneDX): {paths.bill_of_materials}")
    if made.size >= AIM_BYTES:
        raise BundleSizeError(
            f"The bundle must be smaller than {AIM_BYTES / 1e6:.0f} MB, to keep cold starts short; "
            "remove a library, or parts that no function uses (deploy/libraries.py)."
        )
    _report("Next: `.venv/bin/python -m deploy audit` checks it for known vulnerabilities.")


def _deployment(name: str) -> up.Deployment:
    stage = load(name)
    aws = sign_in()
    stacks = Stacks(aws.client("cloudformation"), _report)
    return up.Deployment(stage, aws, _report, paths_of(name), stacks)


def _report_start(action: str, deployment: up.Deployment) -> None:
    stage, aws = deployment.stage, deployment.aws
    _report(
        f"{action} {stage.name} ({stage.size.name}) in account {aws.account_id}, {aws.region}; "
        "this may take half an hour:"
    )


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("bundle", help="make the zip that is shipped").set_defaults(command=bundle)
    commands.add_parser("audit", help="check for known vulnerabilities").set_defaults(command=audit)
    up = commands.add_parser("up", help="deploy or update a stage")
    up.add_argument("stage", nargs="?", default="")
    up.set_defaults(command=bring_up)
    rebuilding = commands.add_parser("rebuild", help="rebuild a stage's read model from its ledger")
    rebuilding.add_argument("stage")
    rebuilding.add_argument("merchant", nargs="?", help="only this merchant")
    rebuilding.add_argument("--position", help="resume a stopped rebuild: @FILE, as it printed")
    rebuilding.add_argument(
        "--parts", type=int, help="how many parts of an empty read model are loaded at once"
    )
    rebuilding.set_defaults(command=rebuild)
    rehearsing = commands.add_parser("rehearse", help="check an account; changes nothing")
    rehearsing.add_argument("stage", nargs="?", default="")
    rehearsing.set_defaults(command=rehearse)
    destroy = commands.add_parser("destroy", help="remove a stage")
    destroy.add_argument("stage", nargs="?", default="")
    destroy.set_defaults(command=take_down)
    return parser


if __name__ == "__main__":
    sys.exit(main())
