"""`python -m deploy up`: deploy a stage, from nothing or from any state of an earlier attempt.

Each part changes only what differs, so a deployment may be interrupted and repeated at any point.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy import chalice_cli, function_settings, gateway_settings, reproducible_chalice
from deploy.aws import Aws, shared_parameters
from deploy.bundle import configure, copy_application
from deploy.chalice_state import api_of, write_record
from deploy.concurrency import Reservations, planned_reservations
from deploy.interpreters import Interpreter, find_interpreter
from deploy.layers import (
    allow_sign_in,
    deploy_layers,
    deploy_observability,
    deploy_state_machines,
)
from deploy.libraries import ARM
from deploy.paths import DeployPaths
from deploy.read_model import ADMINISTRATOR, FIRST_MIGRATION, migrate
from deploy.read_model_load import rebuild_all
from deploy.smoke import smoke_test
from deploy.stacks import Stacks
from infrastructure.functions import APPLICATION, FUNCTIONS, function
from infrastructure.policies import fill_in
from infrastructure.stage_settings import policy_values, stage_settings
from infrastructure.stages import Stage

Outputs = Mapping[str, str]


def base_url_of(aws: Aws, stage: str, api: str) -> str:
    """Return the base URL of a stage's API in AWS."""
    return f"https://{api}.execute-api.{aws.region}.amazonaws.com/{stage}"


@dataclass(frozen=True)
class Target:
    """Where a stage is deployed: AWS, or an emulator, which needs other values.

    `outputs` replace those of stacks that the emulator lacks, `variables` are added to those of the
    functions, `python` replaces the stage's version, because an emulator runs functions by its own,
    and `administrator` is the database role that migrates.
    """

    name: str = "aws"
    architecture: str = ARM
    outputs: Outputs = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    administrator: str = ADMINISTRATOR
    base_url: Callable[[Aws, str, str], str] = base_url_of


@dataclass(frozen=True)
class Deployment:
    """One deployment of a stage to an account; `report` is called with a line for each step."""

    stage: Stage
    aws: Aws
    report: Callable[[str], None]
    paths: DeployPaths
    stacks: Stacks
    target: Target = Target()


def bring_up(deployment: Deployment) -> str:
    """Deploy a stage completely; return its base URL. Raises the errors of its parts."""
    python_of(deployment)  # a missing one ends the deployment before anything is changed
    reservations = planned_reservations(deployment.aws, deployment.stage, deployment.report)
    outputs = deploy_stacks(deployment)
    deploy_application(deployment, outputs, reservations)
    return complete(deployment, outputs)


def python_of(deployment: Deployment) -> Interpreter:
    """Return the Python that compiles for the stage; raise InterpreterMissingError for none."""
    return find_interpreter(deployment.target.python or deployment.stage.python)


def deploy_stacks(deployment: Deployment) -> Outputs:
    """Create or update the stacks under the application; return their outputs."""
    shared = shared_parameters(deployment.aws)
    if shared["GatewayRole"] == "kept":
        deployment.report("API Gateway's role for logs exists in this account and is not replaced")
    stage, target, aws = deployment.stage, deployment.target, deployment.aws
    api = api_of(aws, stage.name)
    base_url = target.base_url(aws, stage.name, api) if api else None
    outputs = deploy_layers(deployment.stacks, stage, target.name, shared, base_url)
    return {**outputs, **target.outputs}


def deploy_application(
    deployment: Deployment, outputs: Outputs, reservations: Reservations
) -> None:
    """Let Chalice deploy a copy of the application with this stage's settings and permissions.

    Raises ChaliceCommandError, and what copy_application raises.
    """
    stage, target = deployment.stage, deployment.target
    place = deployment.aws.place(stage.name)
    folder, python = deployment.paths.application, python_of(deployment)
    deployment.report("application: copying it with its libraries, about a minute the first time …")
    copy_application(folder, target.architecture, python=python)
    settings: dict[str, Any] = stage_settings(stage, outputs, place, reservations)
    settings["lambda_architecture"] = target.architecture
    settings["environment_variables"] |= target.variables
    configure(folder, stage.name, settings)
    fill_in(folder / ".chalice", policy_values(outputs, place))
    write_record(folder, deployment.aws, stage.name)
    arguments = ["deploy", "--stage", stage.name]
    environment = {
        **os.environ,
        reproducible_chalice.IPV6: "on" if has_ipv6(stage) else "off",
        reproducible_chalice.RUNTIME: python.runtime,
    }
    chalice_cli.run(
        folder, arguments, lambda line: deployment.report(f"chalice: {line}"), environment
    )


def has_ipv6(stage: Stage) -> bool:
    """Return whether functions in the stage's network have IPv6 addresses."""
    return stage.size.network["WayOut"] == "ipv6"


def complete(deployment: Deployment, outputs: Outputs) -> str:
    """Configure and test the deployed application; return its base URL."""
    stage, aws, stacks = deployment.stage, deployment.aws, deployment.stacks
    api = set_remaining_settings(deployment, outputs)
    migration = function("migrate").aws_name(stage.name)
    lambdas, administrator = aws.client("lambda"), deployment.target.administrator
    applied = migrate(lambdas, migration, deployment.report, administrator)
    deployment.report(f"schema: {', '.join(applied) or 'unchanged'}")
    known = {**outputs, **stage.size.database, "RestApiId": api, "Target": deployment.target.name}
    alarms = deploy_observability(stacks, aws, stage, known)
    deploy_state_machines(stacks, aws, stage, {**known, **alarms})
    base_url = deployment.target.base_url(aws, stage.name, api)
    allow_sign_in(stacks, stage, deployment.target.name, base_url)
    for success in smoke_test(base_url):
        deployment.report(f"smoke test: {success}")
    if FIRST_MIGRATION in applied:
        _complete_read_model(deployment)
    return base_url


def _complete_read_model(deployment: Deployment) -> None:
    # The ledger may be older than the new read model, so no day is closed before a rebuild ended.
    stage = deployment.stage.name
    deployment.report(
        "read model: it is new, so it is loaded from the ledger; if this command is interrupted, "
        f"follow that by: .venv/bin/python -m deploy rebuild {stage}"
    )
    deployment.report(rebuild_all(deployment.aws, deployment.stage, deployment.report))


def set_remaining_settings(deployment: Deployment, outputs: Outputs) -> str:
    """Change and report the settings that Chalice does not have; return the API's id."""
    api = api_of(deployment.aws, deployment.stage.name)
    if api is None:
        name = f"{APPLICATION}-{deployment.stage.name}"
        raise chalice_cli.ChaliceCommandError(
            f"There is no API that calls {name}; Chalice did not deploy it. Deploy the stage again."
        )
    for change in _changes(deployment, outputs, api) or ["settings beyond Chalice's: unchanged"]:
        deployment.report(change)
    return api


def _changes(deployment: Deployment, outputs: Outputs, api: str) -> list[str]:
    stage, aws = deployment.stage, deployment.aws
    lambdas, apigateway = aws.client("lambda"), aws.client("apigateway")
    in_network = [function.aws_name(stage.name) for function in FUNCTIONS if function.in_network]
    trigger = function("pre_token").aws_name(stage.name)
    projector = function("projector").aws_name(stage.name)
    dead_letters, access_log = outputs["QuarantineQueueArn"], outputs["AccessLogArn"]
    base_url = deployment.target.base_url(aws, stage.name, api)
    return [
        *function_settings.allow_cognito_invoke(lambdas, trigger, outputs["UserPoolArn"]),
        *function_settings.enable_ipv6(lambdas, in_network, has_ipv6(stage)),
        *function_settings.configure_stream_mapping(lambdas, projector, dead_letters),
        *gateway_settings.set_gateway_responses(apigateway, api, stage.name),
        *gateway_settings.set_stage(apigateway, api, stage.name, stage.size, access_log),
        *function_settings.store_canary_secret(
            aws.client("ssm"), aws.client("cognito-idp"), outputs, stage.name
        ),
        *function_settings.store_canary_endpoint(aws.client("dynamodb"), outputs, base_url),
    ]
