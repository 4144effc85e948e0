"""Deploy the whole stack to the emulator, from production's own templates and the packaged code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.canary import register
from local.emulator import Emulator
from local.night import EVENT_BUS, STATE_MACHINE_ARN
from local.packaging import STAGE, Package, package
from local.paths import FUNCTION_LIBRARIES
from local.stage import Outputs, laptop_stage


@dataclass(frozen=True)
class Deployed:
    """A deployed application: where it answers, what it stands on, and what its functions know."""

    base_url: str
    outputs: Outputs
    variables: dict[str, str]


def stand_up(emulator: Emulator) -> Outputs:
    """Make or update all that the application stands on; answer what its stacks say."""
    return laptop_stage(emulator).stand_up()


def deploy_application(
    emulator: Emulator, outputs: Outputs, stores: Mapping[str, str], build: Path
) -> Deployed:
    """Package the application, and make or update its stack, its alarms and its night.

    `outputs` are stand_up's, `stores` the environment variables that say where PostgreSQL and Redis
    are, `build` is a folder for the staged copy.
    """
    stage = laptop_stage(emulator)
    variables = function_variables(emulator, outputs) | dict(stores)
    libraries = {"PYTHONPATH": str(FUNCTION_LIBRARIES)}  # ours, before the emulator's own
    packed = package(build, variables | libraries)
    template = _handed_over(emulator, packed, outputs["Artifacts"])
    api = stage.deploy_application(template, outputs)
    stage.watch_and_close(outputs, api)
    base_url = f"{emulator.endpoint}/_aws/execute-api/{api}/api"
    return Deployed(base_url, outputs, variables)


def introduce_canary(emulator: Emulator, deployed: Deployed) -> None:
    """Tell the canary whose book is its own, and where this emulator answers today."""
    addresses = {
        "base_url": deployed.base_url,
        "token_url": f"{emulator.endpoint}/oauth2/token",
    }
    table, client_id = deployed.outputs["ClientsTable"], deployed.outputs["CanaryClientId"]
    register(emulator.client("dynamodb"), table, client_id, addresses)


def function_variables(emulator: Emulator, outputs: Outputs) -> dict[str, str]:
    """Answer the functions' environment variables that the stacks' outputs decide."""
    return {
        "STAGE": STAGE,
        "ENTRIES_TABLE": outputs["EntriesTable"],
        "ENTRIES_STREAM_ARN": outputs["EntriesStreamArn"],
        "CLIENTS_TABLE": outputs["ClientsTable"],
        "CANARY_CLIENT_ID": outputs["CanaryClientId"],
        "QUARANTINE_QUEUE_URL": _queue_url(emulator, outputs["QuarantineQueueArn"]),
        "USER_POOL_ID": outputs["UserPoolId"],
        "USER_POOL_ARN": outputs["UserPoolArn"],
        "SIGNING_KEY_ID": outputs["SigningKeyId"],
        "SEAL_BUCKET": outputs["SealBucket"],
        "EVENT_BUS": EVENT_BUS,
        # Its stack is made after the functions that it calls; the name is fixed.
        "STATE_MACHINE_ARN": STATE_MACHINE_ARN,
        "AWS_ENDPOINT_URL": emulator.endpoint,
    }


def _queue_url(emulator: Emulator, arn: str) -> str:
    # The stack's output keeps the emulator's port of the day when the queue was made.
    answer = emulator.client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])
    url: str = answer["QueueUrl"]
    return url


def _handed_over(emulator: Emulator, packed: Package, bucket: str) -> str:
    """Put the code and its template into a bucket; answer the template's URL."""
    storage: Any = emulator.client("s3")
    template = packed.template.replace("./deployment.zip", f"s3://{bucket}/{packed.code_name}")
    storage.put_object(Bucket=bucket, Key=packed.code_name, Body=packed.code)
    storage.put_object(Bucket=bucket, Key="application.json", Body=template.encode())
    return f"{emulator.endpoint}/{bucket}/application.json"
