"""Deploy production's templates and the packaged code to the emulator, as stage `laptop`."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deploy.aws import Aws
from deploy.layers import (
    allow_sign_in,
    deploy_layers,
    deploy_observability,
    deploy_state_machines,
)
from deploy.stacks import Stacks
from infrastructure.canary import register, secret_name, store_secret
from infrastructure.sizes import LARGE, SMALL
from infrastructure.stages import Stage
from local.consolidation import EVENT_BUS, STATE_MACHINE_ARN
from local.emulator import ACCOUNT, REGION, Emulator, session
from local.packaging import STAGE, Package, package
from local.paths import FUNCTION_LIBRARIES

TARGET = "emulator"
APPLICATION_STACK = f"livro-caixa-{STAGE}"
# Large, so that the laptop deploys every template.
LAPTOP = Stage(
    name=STAGE,
    size=replace(LARGE, ranges_at_once=SMALL.ranges_at_once),  # each is a process here
    protected=False,
    business_time_zone="America/Sao_Paulo",
    # Those of `make chalice-local`, at the port that it prefers.
    callback_urls=("http://127.0.0.1:8000/", "http://127.0.0.1:8000/docs"),
    seal_retention_mode="GOVERNANCE",
    seal_retention_days=1,  # long enough to see that an object cannot be deleted
    alarm_email="",
    multi_factor="optional",
    zones=(),
    python="{}.{}".format(*sys.version_info),  # the emulator runs functions by the laptop's
    password_sign_in=True,
)
_PAUSE_SECONDS = 0.05

Outputs = dict[str, str]


@dataclass(frozen=True)
class Deployment:
    """A deployed application: base URL, stack outputs, and the functions' environment variables."""

    base_url: str
    outputs: Outputs
    variables: dict[str, str]


def deploy_foundation(emulator: Emulator) -> Outputs:
    """Create or update the stacks below the application; return their outputs."""
    stacks = laptop_stacks(emulator)
    api = stacks.outputs(APPLICATION_STACK).get("RestAPIId")
    base_url = _base_url(emulator, api) if api else None
    return deploy_layers(stacks, LAPTOP, TARGET, base_url=base_url)


def deploy_application(
    emulator: Emulator, outputs: Outputs, stores: Mapping[str, str], build: Path
) -> Deployment:
    """Package and deploy the application, its alarms and its consolidation.

    `outputs` come from deploy_foundation, `stores` holds the environment variables with the
    addresses of PostgreSQL and Redis, and `build` is a folder for the staged copy.
    """
    variables = function_variables(emulator, outputs) | dict(stores)
    libraries = {"PYTHONPATH": str(FUNCTION_LIBRARIES)}  # instead of the emulator's own
    packed = package(build, variables | libraries)
    parameters = {
        "Stage": STAGE,
        "Target": TARGET,
        "UserPoolArn": outputs["UserPoolArn"],
        "EntriesStreamArn": outputs["EntriesStreamArn"],
    }
    template_url = _upload(emulator, packed, outputs["Artifacts"])
    stacks = laptop_stacks(emulator)
    application = stacks.deploy(APPLICATION_STACK, template_url, parameters)
    api = application["RestAPIId"]
    _deploy_operations(emulator, {**outputs, "RestApiId": api, "Target": TARGET})
    base_url = _base_url(emulator, api)
    allow_sign_in(stacks, LAPTOP, TARGET, base_url)
    return Deployment(base_url, outputs, variables)


def _base_url(emulator: Emulator, api: str) -> str:
    return f"{emulator.endpoint}/_aws/execute-api/{api}/api"


def laptop_stacks(emulator: Emulator) -> Stacks:
    """Return the stacks of an emulator."""
    # One line a step is enough here; a stack that fails raises with its reason.
    cloudformation = emulator.client("cloudformation")
    return Stacks(cloudformation, lambda _: None, lambda _: time.sleep(_PAUSE_SECONDS))


def _deploy_operations(emulator: Emulator, outputs: Outputs) -> None:
    """Create or update alarms, dashboard and consolidation, and set the seals' retention."""
    aws = Aws(session(), REGION, ACCOUNT, "aws", emulator.endpoint)
    stacks = laptop_stacks(emulator)
    watched = deploy_observability(stacks, aws, LAPTOP, outputs)
    deploy_state_machines(stacks, aws, LAPTOP, {**outputs, **watched})
    retention = {"Mode": LAPTOP.seal_retention_mode, "Days": LAPTOP.seal_retention_days}
    # The emulator ignores the retention in the template.
    aws.client("s3").put_object_lock_configuration(
        Bucket=outputs["SealBucket"],
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": retention},
        },
    )


def configure_canary(emulator: Emulator, deployment: Deployment) -> None:
    """Store the canary's merchant, its secret, and the addresses that it calls in this emulator."""
    addresses = {
        "base_url": deployment.base_url,
        "token_url": f"{emulator.endpoint}/oauth2/token",
    }
    table, client_id = deployment.outputs["ClientsTable"], deployment.outputs["CanaryClientId"]
    register(emulator.client("dynamodb"), table, client_id, addresses)
    ssm, cognito = emulator.client("ssm"), emulator.client("cognito-idp")
    store_secret(ssm, cognito, deployment.outputs, LAPTOP.name)


def function_variables(emulator: Emulator, outputs: Outputs) -> dict[str, str]:
    """Return the functions' environment variables that depend on the stacks' outputs."""
    # The output contains the emulator's port when the queue was created; the queue's URL today's.
    queue = outputs["QuarantineQueueArn"].rpartition(":")[2]
    return {
        "STAGE": LAPTOP.name,
        "BUSINESS_TIME_ZONE": LAPTOP.business_time_zone,
        "ENTRIES_TABLE": outputs["EntriesTable"],
        "ENTRIES_STREAM_ARN": outputs["EntriesStreamArn"],
        "CLIENTS_TABLE": outputs["ClientsTable"],
        "SETTINGS_TABLE": outputs["SettingsTable"],
        "IMPORTS_TABLE": outputs["ImportsTable"],
        "IMPORT_BUCKET": outputs["ImportBucket"],
        "CANARY_CLIENT_ID": outputs["CanaryClientId"],
        "CANARY_SECRET": secret_name(LAPTOP.name),
        "QUARANTINE_QUEUE_URL": emulator.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"],
        "USER_POOL_ID": outputs["UserPoolId"],
        "USER_POOL_ARN": outputs["UserPoolArn"],
        "SIGN_IN_URL": emulator.endpoint,
        "PEOPLE_CLIENT_ID": outputs["PeopleClientId"],
        "SIGNING_KEY_ID": outputs["SigningKeyId"],
        "SEAL_BUCKET": outputs["SealBucket"],
        "EVENT_BUS": EVENT_BUS,
        # A fixed name, because its stack is created after the functions that it calls.
        "STATE_MACHINE_ARN": STATE_MACHINE_ARN,
        "AWS_ENDPOINT_URL": emulator.endpoint,
    }


def _upload(emulator: Emulator, packed: Package, bucket: str) -> str:
    """Put the code and its template into a bucket; return the template's URL."""
    storage: Any = emulator.client("s3")
    template = packed.template.replace("./deployment.zip", f"s3://{bucket}/{packed.code_name}")
    storage.put_object(Bucket=bucket, Key=packed.code_name, Body=packed.code)
    storage.put_object(Bucket=bucket, Key="application.json", Body=template.encode())
    return f"{emulator.endpoint}/{bucket}/application.json"
