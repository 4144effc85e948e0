"""`make deploy STAGE=…`: bring a stage up, from nothing or from any state that an attempt left.

Each part looks first and changes what differs, so that it may be interrupted and repeated at any
point. Between Chalice's part and the ones after it, for some seconds, the gateway refuses in its
own words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy import chalice_runs
from deploy.aws import Aws
from deploy.layers import deploy_night, deploy_observability, stand_up
from deploy.libraries import ARM
from deploy.migration import migrate
from deploy.places import Places, places_of
from deploy.record import api_of, write_record
from deploy.smoke import smoke_test
from deploy.stacks import Stacks
from deploy.staging import configure, stage_application
from deploy.steps import Changes, api_stage, canary, gateway, network, stream, token_trigger
from infrastructure.functions import APPLICATION, FUNCTIONS, function
from infrastructure.policies import fill_in
from infrastructure.stage_settings import policy_values, stage_settings
from infrastructure.stages import Stage

# What Lambda keeps for functions without a reservation of their own.
UNRESERVED = 100

Tell = Callable[[str], None]


class NotPossible(Exception):
    """The account cannot hold the stage; the message says what to ask AWS for."""


@dataclass(frozen=True)
class Deployment:
    """One deployment of a stage to an account; `tell` hears what is done."""

    stage: Stage
    aws: Aws
    tell: Tell
    places: Places


def bring_up(stage: Stage, aws: Aws, tell: Tell) -> str:
    """Deploy all of a stage; return its base URL. Raises what its parts raise, in plain words."""
    deployment = Deployment(stage, aws, tell, places_of(stage.name))
    stacks = Stacks(aws.client("cloudformation"), tell)
    check_account(deployment)
    outputs = stand_up(stacks, stage)
    ship(deployment, outputs)
    api = finish(deployment, outputs)
    applied = migrate(aws.client("lambda"), function("migrate").aws_name(stage.name))
    tell(f"schema: {', '.join(applied) or 'unchanged'}")
    outputs |= deploy_night(stacks, aws, stage, outputs)
    deploy_observability(stacks, stage, outputs | {"RestApiId": api})
    base_url = base_url_of(aws, stage.name, api)
    for good in smoke_test(base_url):
        tell(f"smoke test: {good}")
    return base_url


def base_url_of(aws: Aws, stage: str, api: str) -> str:
    """Return where a stage's API answers in AWS."""
    return f"https://{api}.execute-api.{aws.region}.amazonaws.com/{stage}"


def check_account(deployment: Deployment) -> None:
    """Raise NotPossible where the account lets too few functions run at once for the stage."""
    size = deployment.stage.size
    limit = deployment.aws.client("lambda").get_account_settings()["AccountLimit"]
    wanted = sum(size.concurrency(one) or 0 for one in FUNCTIONS)
    if limit["ConcurrentExecutions"] < wanted + UNRESERVED:
        raise NotPossible(
            f"The account runs {limit['ConcurrentExecutions']} functions at once; this stage "
            f"reserves {wanted}, and Lambda keeps {UNRESERVED}. Ask AWS for {wanted + UNRESERVED} "
            "(Service Quotas, Lambda, concurrent executions)."
        )


def ship(
    deployment: Deployment,
    outputs: Mapping[str, str],
    architecture: str = ARM,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Have Chalice deploy the application with the stage's settings.

    `variables` are further environment variables. Raises ChaliceFailed, and what staging raises.
    """
    prepare(deployment, outputs, architecture, variables or {})
    stage, folder = deployment.stage.name, deployment.places.staged
    write_record(folder, deployment.aws, stage)
    words = ["deploy", "--stage", stage]
    chalice_runs.run(folder, words, lambda line: deployment.tell(f"chalice: {line}"))


def prepare(
    deployment: Deployment,
    outputs: Mapping[str, str],
    architecture: str,
    variables: Mapping[str, str],
) -> None:
    """Make the copy of the application that is this stage's: its settings, rights and libraries."""
    place = deployment.aws.place(deployment.stage.name)
    folder = deployment.places.staged
    stage_application(folder, architecture)
    settings: dict[str, Any] = stage_settings(deployment.stage, outputs, place)
    settings["lambda_architecture"] = architecture
    settings["environment_variables"] |= variables
    configure(folder, deployment.stage.name, settings)
    fill_in(folder / ".chalice", policy_values(outputs, place))


def finish(deployment: Deployment, outputs: Mapping[str, str]) -> str:
    """Do what Chalice cannot say, and tell what changed; return the API's id."""
    for change in (changes := list(_steps(deployment, outputs))):
        deployment.tell(change)
    if not changes:
        deployment.tell("what Chalice cannot say: unchanged")
    api = api_of(deployment.aws, deployment.stage.name)
    assert api is not None  # the steps have found it
    return api


def _steps(deployment: Deployment, outputs: Mapping[str, str]) -> Changes:
    stage, aws = deployment.stage, deployment.aws
    lambdas, apigateway = aws.client("lambda"), aws.client("apigateway")
    api = api_of(aws, stage.name)
    if api is None:
        raise chalice_runs.ChaliceFailed(f"There is no API that calls {APPLICATION}-{stage.name}.")
    inside = [one.aws_name(stage.name) for one in FUNCTIONS if one.in_network]
    trigger = function("pre_token").aws_name(stage.name)
    projector = function("projector").aws_name(stage.name)
    return [
        *token_trigger.let_pool_call(lambdas, trigger, outputs["UserPoolArn"]),
        *network.speak_ipv6(lambdas, inside, stage.size.network["WayOut"] == "ipv6"),
        *stream.hold_on(lambdas, projector, outputs["QuarantineQueueArn"]),
        *gateway.answer_in_problems(apigateway, api, stage.name),
        *api_stage.set_stage(apigateway, api, stage.name, stage.size, outputs["AccessLogArn"]),
        *canary.tell_where(aws.client("dynamodb"), outputs, base_url_of(aws, stage.name, api)),
    ]
