"""A whole stage in an emulator, deployed as to AWS, with the session's PostgreSQL."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest

from deploy import up
from deploy.aws import Aws
from deploy.paths import DeployPaths
from deploy.stacks import Stacks
from infrastructure.stages import load
from local.deployment import Deployment
from local.emulator import ACCESS, REGION, Emulator, start_emulator
from tests.deploy.conftest import THIS_MACHINE
from tests.fixtures.stores import create_database
from tests.fixtures.user_pool import UserPool

IMPORTING = Path(__file__).with_name("importing_emulator.py")
STAGE = load("trial")


@dataclass
class EmulatedStage:
    """A stage in an emulator; `lines` are the reports of the last command, and of the first one.

    `calls` are the permissions that its commands' own calls need, without Chalice's.
    """

    emulator: Emulator
    deployment: up.Deployment
    lines: list[str]
    calls: set[str]
    base_url: str = ""
    first_lines: tuple[str, ...] = ()

    def deploy(self) -> None:
        """Deploy the stage for the first time."""
        self.lines.clear()
        self.base_url = up.bring_up(self.deployment)
        self.first_lines = tuple(self.lines)

    @property
    def aws(self) -> Aws:
        """The emulated account."""
        return self.deployment.aws

    def outputs(self) -> dict[str, str]:
        """Update the stage's stacks, and return their outputs."""
        return dict(up.deploy_stacks(self.deployment))

    def pool(self) -> UserPool:
        """Return the stage's user pool."""
        return UserPool(self.emulator, Deployment(self.base_url, self.outputs(), {}))


@contextmanager
def deployed_stage(postgres: Any, folder: Path) -> Iterator[EmulatedStage]:
    """Deploy a stage to a new emulator, and stop it afterwards."""
    with stage_in_emulator(postgres, folder) as stage:
        stage.deploy()
        yield stage


@contextmanager
def stage_in_emulator(postgres: Any, folder: Path) -> Iterator[EmulatedStage]:
    """Start an emulator for a stage that is still to be deployed, and stop it afterwards."""
    emulator = start_emulator(folder / "emulator", script=IMPORTING)
    with pytest.MonkeyPatch.context() as environment:
        _use(emulator, environment, folder)
        session: Any = boto3.Session(region_name=REGION)
        calls = set[str]()
        session.events.register("before-call.*.*", lambda model, **_: calls.add(permission(model)))
        aws = Aws(session, REGION, "000000000000", "aws")
        lines: list[str] = []
        stacks = Stacks(aws.client("cloudformation"), lines.append, lambda _: time.sleep(0.05))
        target = _target(emulator, postgres)
        paths = DeployPaths(folder / "work")
        deployment = up.Deployment(STAGE, aws, lines.append, paths, stacks, target)
        try:
            yield EmulatedStage(emulator, deployment, lines, calls)
        finally:
            emulator.server.stop()


def permission(operation: Any) -> str:
    """Return the IAM action of an operation, as botocore describes it."""
    service = operation.service_model.signing_name
    names = {"Invoke": "InvokeFunction", "HeadObject": "GetObject"}
    if service == "apigateway":
        return f"{service}:{operation.http['method']}"
    return f"{service}:{names.get(operation.name, operation.name)}"


def _target(emulator: Emulator, postgres: Any) -> up.Target:
    database = create_database(postgres, "deployed").name
    # Chalice uses the functions' variables for its own calls, those of single services included.
    services = ("", "_KMS", "_EVENTBRIDGE", "_SFN")
    place = {"DatabaseHost": postgres.host, "DatabasePort": str(postgres.port)}
    return up.Target(
        name="emulator",
        architecture=THIS_MACHINE,
        python="{}.{}".format(*sys.version_info),
        outputs=place | {"DatabaseResourceId": "db-NONE"},
        variables={"DATABASE_NAME": database, "DATABASE_TLS": "off", "DATABASE_AUTH": "trust"}
        | {f"AWS_ENDPOINT_URL{service}": emulator.endpoint for service in services},
        administrator=postgres.superuser,
        base_url=lambda _aws, stage, api: f"{emulator.endpoint}/_aws/execute-api/{api}/{stage}",
    )


def _use(emulator: Emulator, environment: pytest.MonkeyPatch, folder: Path) -> None:
    for name, text in ACCESS.items():
        environment.setenv(name, text)
    environment.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    # The emulator finishes at once, but botocore's waiters poll every 5 seconds.
    models = Path(botocore.__file__).parent / "data" / "lambda" / "2015-03-31" / "waiters-2.json"
    waiters = json.loads(models.read_text())
    for waiter in waiters["waiters"].values():
        waiter["delay"] = 0.05
    fast = folder / "models" / "lambda" / "2015-03-31"
    fast.mkdir(parents=True)
    (fast / "waiters-2.json").write_text(json.dumps(waiters))
    environment.setenv("AWS_DATA_PATH", str(folder / "models"))
