"""Deployments and removals of a whole stage that end right after one of their changes.

The process and its Chalice count their changes in AWS together, and the one that makes the last
permitted one ends at once. After a call that only reads, a process might as well end after the
change before it. `python -m tests.deploy.kill_points` kills after 1, 2, 3 … changes until a command
completes, deploying and removing, protected and not; with `--every 9`, after 1, 10, 19 … changes.
The tests do so after a few.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from botocore.client import BaseClient

from deploy import chalice_cli, down, up
from deploy.chalice_cli import ChaliceCommandError
from deploy.chalice_state import functions_of
from deploy.layers import LAYERS, stack_name
from infrastructure.functions import FUNCTIONS
from local.stores.postgres import Postgres, start_postgres
from tests.deploy.emulated_stage import STAGE, stage_in_emulator
from tests.deploy.killed_chalice import COUNTER, counted

_TERMINATION = "EnableTerminationProtection"


class KilledError(BaseException):
    """The process ends at once."""


@dataclass(frozen=True, slots=True)
class Kills:
    """Ends commands after a number of changes; `counter` is a file with the number that is left."""

    counter: Path

    def run(self, command: Callable[[], object], changes: int) -> bool:
        """Run a command, and end it after this many changes; return whether it was complete."""
        self.counter.write_text(str(changes))
        try:
            command()
        except KilledError:
            return False
        except ChaliceCommandError:
            if int(self.counter.read_text()) > 0:
                raise
            return False
        finally:
            self.counter.write_text("0")
        return True

    def until_complete(self, command: Callable[[], object], step: int) -> int:
        """Run a command, killed after more changes each time, until it is complete.

        Each run continues where the one before it was killed. Returns how often it was killed.
        """
        killed = 0
        while not self.run(command, 1 + killed * step):
            print(f"  killed after {1 + killed * step} changes", flush=True)
            killed += 1
        return killed


@contextmanager
def kills(folder: Path) -> Iterator[Kills]:
    """Let calls of AWS, and those of Chalice's process, count down; 0 is without limit."""
    counter = folder / "changes_left"
    counter.write_text("0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(COUNTER, str(counter))
        patch.setattr(chalice_cli, "PROGRAM", "tests.deploy.killed_chalice")
        patch.setattr(BaseClient, "_make_api_call", counted(counter, _end))
        yield Kills(counter)


def _end() -> None:
    raise KilledError


def main() -> None:
    """Kill deployments and removals, protected and not; print how often each was killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.kill_points")
    parser.add_argument("--every", type=int, default=1, help="changes from one kill to the next")
    step = parser.parse_args().every
    postgres = start_postgres(durable=False)
    try:
        for is_protected in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                _kill_all(postgres, Path(folder), is_protected, step)
    finally:
        postgres.stop()


def _kill_all(postgres: Postgres, folder: Path, is_protected: bool, step: int) -> None:
    def until_complete(name: str, command: Callable[[], object]) -> None:
        kind = "a protected stage" if is_protected else "a stage"
        count = killed.until_complete(command, step)
        print(f"{name} {kind}: complete after {count} kills", flush=True)

    with stage_in_emulator(postgres, folder) as stage, kills(folder) as killed:
        deployment = replace(stage.deployment, stage=replace(STAGE, protected=is_protected))
        until_complete("deploy", lambda: up.bring_up(deployment))
        check_complete(deployment)
        if is_protected:
            with pytest.raises(down.ProtectedStageError):
                down.take_down(deployment)
            until_complete("unprotect", lambda: up.bring_up(stage.deployment))
        until_complete("destroy", lambda: down.take_down(stage.deployment))
        check_removed(stage.deployment)


def check_complete(deployment: up.Deployment) -> None:
    """Fail unless a stage has each part once, and is protected as its file says."""
    name, aws = deployment.stage.name, deployment.aws
    assert {each for each, _ in functions_of(aws, name)} == {each.name for each in FUNCTIONS}
    assert len(aws.client("apigateway").get_rest_apis()["items"]) == 1
    mappings = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert len(mappings) == 1
    protections = {
        layer: (deployment.stacks.described(stack_name(name, layer)) or {})[_TERMINATION]
        for layer in (*(layer.name for layer in LAYERS if layer.wanted(deployment.stage)), "night")
    }
    assert set(protections.values()) == {deployment.stage.protected}, protections
    table = aws.client("dynamodb").describe_table(TableName=f"livro-caixa-{name}-entries")["Table"]
    assert table["DeletionProtectionEnabled"] is deployment.stage.protected


def check_removed(deployment: up.Deployment) -> None:
    """Fail if a function, an API, a table or a stack of the stage is left."""
    name, aws = deployment.stage.name, deployment.aws
    assert dict(functions_of(aws, name)) == {}
    assert aws.client("apigateway").get_rest_apis()["items"] == []
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    layers = [*(layer.name for layer in LAYERS), "observability", "night"]
    assert [each for each in layers if deployment.stacks.described(stack_name(name, each))] == []


if __name__ == "__main__":
    main()
