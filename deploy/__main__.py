"""The commands of deploying: `python -m deploy <command>`; the Makefile calls them."""

import argparse
import json
import sys

from botocore.exceptions import BotoCoreError, ClientError

from deploy import audit as advisories
from deploy import chalice_cli, down, rebuilding, up
from deploy.account import AccountError
from deploy.aws import NotSignedInError, sign_in
from deploy.bundle import AIM_BYTES, make_bundle
from deploy.bytecode import BytecodeError
from deploy.libraries import LibraryInstallError
from deploy.migration import MigrationFailedError
from deploy.paths import places_of
from deploy.smoke import SmokeTestError
from deploy.stacks import StackError, Stacks
from deploy.staging import DocumentError
from deploy.steps.stream import StreamMissingError
from infrastructure.stages import StageFileError, load

PLAIN = (
    BotoCoreError,
    ClientError,
    chalice_cli.ChaliceCommandError,
    DocumentError,
    down.ProtectedStageError,
    MigrationFailedError,
    StreamMissingError,
    AccountError,
    BytecodeError,
    LibraryInstallError,
    NotSignedInError,
    rebuilding.RebuildError,
    StackError,
    StageFileError,
    SmokeTestError,
)


def main() -> int:
    """Carry out the command of the command line; return the exit code."""
    words = _parser().parse_args()
    try:
        code: int = words.command(words)
    except PLAIN as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from where this one was.", file=sys.stderr)
        return 130
    return code


def bundle(_words: argparse.Namespace) -> int:
    """Make the zip that is shipped to Lambda, and tell its size and hash."""
    places = places_of("bundle")
    made = make_bundle(places)
    print(f"{made.path}")
    print(f"  {made.size / 1e6:.1f} MB, unpacked {made.unpacked_size / 1e6:.1f} MB")
    print(f"  SHA-256 {made.sha256}")
    print(f"  contents (CycloneDX): {places.bill_of_materials}")
    return 0 if made.size < AIM_BYTES else 1


def audit(_words: argparse.Namespace) -> int:
    """Ask whether anything shipped has a known vulnerability; say so plainly where nobody answers.

    A service out of reach is no failure: it says nothing about what is shipped.
    """
    places = places_of("bundle")
    if not places.bill_of_materials.exists():
        make_bundle(places)
    bill = json.loads(places.bill_of_materials.read_text())
    try:
        result = advisories.audit(bill)
    except advisories.AuditError as silence:
        print(silence, file=sys.stderr)
        return 0
    print(advisories.told(result, len(bill["components"])))
    return 1 if result else 0


def bring_up(words: argparse.Namespace) -> int:
    """Bring a stage up, or up to date."""
    deployment = _deployment(words.stage)
    _announce("Deploying", deployment)
    print(up.bring_up(deployment))
    return 0


def rebuild(words: argparse.Namespace) -> int:
    """Make a stage's read model again from its ledger."""
    stage, aws = load(words.stage), sign_in()
    lambdas = aws.session.client("lambda", **rebuilding.client_options())
    function = f"livro-caixa-{stage.name}-rebuild"
    print(rebuilding.rebuild(lambdas, function, words.merchant, _tell, words.position))
    return 0


def take_down(words: argparse.Namespace) -> int:
    """Take a stage away."""
    deployment = _deployment(words.stage)
    _announce("Destroying", deployment)
    down.take_down(deployment)
    return 0


def _deployment(name: str) -> up.Deployment:
    stage = load(name)
    aws = sign_in()
    stacks = Stacks(aws.client("cloudformation"), _tell)
    return up.Deployment(stage, aws, _tell, places_of(name), stacks)


def _announce(what: str, deployment: up.Deployment) -> None:
    stage, aws = deployment.stage, deployment.aws
    _tell(f"{what} {stage.name} ({stage.size.name}) in {aws.account_id}, {aws.region}:")


def _tell(news: str) -> None:
    print(news, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    several = parser.add_subparsers(required=True, metavar="command")
    several.add_parser("bundle", help="make the zip that is shipped").set_defaults(command=bundle)
    several.add_parser("audit", help="look for known vulnerabilities").set_defaults(command=audit)
    up = several.add_parser("up", help="bring a stage up, or up to date")
    up.add_argument("stage", nargs="?", default="")
    up.set_defaults(command=bring_up)
    again = several.add_parser("rebuild", help="make a stage's read model again from its ledger")
    again.add_argument("stage")
    again.add_argument("merchant", nargs="?", help="one merchant alone")
    again.add_argument("--position", help="go on where an earlier one was left")
    again.set_defaults(command=rebuild)
    down = several.add_parser("destroy", help="take a stage away")
    down.add_argument("stage", nargs="?", default="")
    down.set_defaults(command=take_down)
    return parser


if __name__ == "__main__":
    sys.exit(main())
