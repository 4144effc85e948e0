"""`make deploy STAGE=…`: bring a stage up, from nothing or from any state that an attempt left.

Each part looks first and changes what differs, so that it may be interrupted and repeated at any
point. Between Chalice's part and the ones after it, for some seconds, the gateway refuses in its
own words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy import chalice_cli
from deploy.account import check_account, shared_parameters
from deploy.aws import Aws
from deploy.chalice_state import api_of, write_record
from deploy.layers import deploy_night, deploy_observability, stand_up
from deploy.libraries import ARM
from deploy.migration import ADMINISTRATOR, migrate
from deploy.paths import Places
from deploy.smoke import smoke_test
from deploy.stacks import Stacks
from deploy.staging import configure, stage_application
from deploy.steps import Changes, api_stage, canary, gateway, network, stream, token_trigger
from infrastructure.functions import APPLICATION, FUNCTIONS, function
from infrastructure.policies import fill_in
from infrastructure.stage_settings import policy_values, stage_settings
from infrastructure.stages import Stage

Tell = Callable[[str], None]
Outputs = Mapping[str, str]


def base_url_of(aws: Aws, stage: str, api: str) -> str:
    """Return where a stage's API answers in AWS."""
    return f"https://{api}.execute-api.{aws.region}.amazonaws.com/{stage}"


@dataclass(frozen=True)
class Target:
    """What is other where a stage is deployed to the emulator instead of AWS.

    `outputs` take the place of what the emulator cannot make, `variables` are further ones of the
    functions, and `administrator` is the database role that migrates.
    """

    name: str = "aws"
    architecture: str = ARM
    outputs: Outputs = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    administrator: str = ADMINISTRATOR
    base_url: Callable[[Aws, str, str], str] = base_url_of


@dataclass(frozen=True)
class Deployment:
    """One deployment of a stage to an account; `tell` hears what is done."""

    stage: Stage
    aws: Aws
    tell: Tell
    places: Places
    stacks: Stacks
    target: Target = Target()


def bring_up(deployment: Deployment) -> str:
    """Deploy all of a stage; return its base URL. Raises what its parts raise, in plain words."""
    check_account(deployment.aws, deployment.stage)
    outputs = stand(deployment)
    ship(deployment, outputs)
    return complete(deployment, outputs)


def stand(deployment: Deployment) -> Outputs:
    """Make or update all that the application stands on; return what its stacks tell."""
    shared = shared_parameters(deployment.aws)
    if shared["GatewayRole"] == "kept":
        deployment.tell("API Gateway writes logs by a role that the account had; it stays")
    result = stand_up(deployment.stacks, deployment.stage, deployment.target.name, shared)
    return {**result, **deployment.target.outputs}


def ship(deployment: Deployment, outputs: Outputs) -> None:
    """Have Chalice deploy the application with the stage's settings.

    Raises ChaliceCommandError, and what staging raises.
    """
    prepare(deployment, outputs)
    stage, folder = deployment.stage.name, deployment.places.staged
    write_record(folder, deployment.aws, stage)
    words = ["deploy", "--stage", stage]
    chalice_cli.run(folder, words, lambda line: deployment.tell(f"chalice: {line}"))


def prepare(deployment: Deployment, outputs: Outputs) -> None:
    """Make the copy of the application that is this stage's: its settings, rights and libraries."""
    place = deployment.aws.place(deployment.stage.name)
    folder, target = deployment.places.staged, deployment.target
    stage_application(folder, target.architecture)
    settings: dict[str, Any] = stage_settings(deployment.stage, outputs, place)
    settings["lambda_architecture"] = target.architecture
    settings["environment_variables"] |= target.variables
    configure(folder, deployment.stage.name, settings)
    fill_in(folder / ".chalice", policy_values(outputs, place))


def complete(deployment: Deployment, outputs: Outputs) -> str:
    """Do all that comes after the application is there, and try it; return its base URL."""
    stage, aws, stacks = deployment.stage, deployment.aws, deployment.stacks
    api = finish(deployment, outputs)
    migrating = function("migrate").aws_name(stage.name)
    applied = migrate(aws.client("lambda"), migrating, deployment.target.administrator)
    deployment.tell(f"schema: {', '.join(applied) or 'unchanged'}")
    known = {**outputs, **stage.size.database, "RestApiId": api, "Target": deployment.target.name}
    watched = deploy_observability(stacks, aws, stage, known)
    deploy_night(stacks, aws, stage, {**known, **watched})
    base_url = deployment.target.base_url(aws, stage.name, api)
    for good in smoke_test(base_url):
        deployment.tell(f"smoke test: {good}")
    return base_url


def finish(deployment: Deployment, outputs: Outputs) -> str:
    """Do what Chalice cannot say, and tell what changed; return the API's id."""
    api = api_of(deployment.aws, deployment.stage.name)
    if api is None:
        name = f"{APPLICATION}-{deployment.stage.name}"
        raise chalice_cli.ChaliceCommandError(
            f"There is no API that calls {name}; deploy it first."
        )
    changes = _steps(deployment, outputs, api)
    for change in changes or ["what Chalice cannot say: unchanged"]:
        deployment.tell(change)
    return api


def _steps(deployment: Deployment, outputs: Outputs, api: str) -> Changes:
    stage, aws = deployment.stage, deployment.aws
    lambdas, apigateway = aws.client("lambda"), aws.client("apigateway")
    inside = [one.aws_name(stage.name) for one in FUNCTIONS if one.in_network]
    trigger = function("pre_token").aws_name(stage.name)
    projector = function("projector").aws_name(stage.name)
    base_url = deployment.target.base_url(aws, stage.name, api)
    return [
        *token_trigger.allow_cognito_invoke(lambdas, trigger, outputs["UserPoolArn"]),
        *network.enable_ipv6(lambdas, inside, stage.size.network["WayOut"] == "ipv6"),
        *stream.configure_stream_mapping(lambdas, projector, outputs["QuarantineQueueArn"]),
        *gateway.set_gateway_responses(apigateway, api, stage.name),
        *api_stage.set_stage(apigateway, api, stage.name, stage.size, outputs["AccessLogArn"]),
        *canary.store_canary_endpoint(aws.client("dynamodb"), outputs, base_url),
    ]
