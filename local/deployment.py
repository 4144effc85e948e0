"""Deploy foundation, application and night to the emulator, from production's own templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from local.emulator import Emulator
from local.night import deploy_night, night_variables
from local.packaging import STAGE, Package, package
from local.places import FUNCTION_LIBRARIES, PROJECT
from local.stacks import deploy_stack

FOUNDATION = PROJECT / "infrastructure" / "foundation.yaml"
CODE_BUCKET = "livro-caixa-laptop-code"


@dataclass(frozen=True)
class Deployed:
    """A deployed application: where it answers, and what its functions were told."""

    base_url: str
    foundation: dict[str, str]
    variables: dict[str, str]


def deploy_foundation(emulator: Emulator) -> dict[str, str]:
    """Make or update the foundation's stack; answer its outputs."""
    parameters = {
        "Stage": STAGE,
        "Target": "emulator",
        "Protection": "off",
        "PasswordSignIn": "on",
    }
    template = _upload(emulator, "foundation.yaml", FOUNDATION.read_bytes())
    cloudformation = emulator.client("cloudformation")
    return deploy_stack(cloudformation, f"livro-caixa-{STAGE}-foundation", template, parameters)


def deploy_application(
    emulator: Emulator, foundation: dict[str, str], stores: Mapping[str, str], build: Path
) -> Deployed:
    """Package the application, and make or update its stack and the night's on the foundation.

    `stores` are the environment variables that say where PostgreSQL and Redis are.
    """
    variables = function_variables(emulator, foundation) | dict(stores)
    libraries = {"PYTHONPATH": str(FUNCTION_LIBRARIES)}  # ours, before the emulator's own
    packed = package(build, variables | libraries)
    outputs = deploy_stack(
        emulator.client("cloudformation"),
        f"livro-caixa-{STAGE}",
        _uploaded_template(emulator, packed),
        {
            "Stage": STAGE,
            "Target": "emulator",
            "UserPoolArn": foundation["UserPoolArn"],
            "EntriesStreamArn": foundation["EntriesStreamArn"],
        },
    )
    deploy_night(emulator, foundation, CODE_BUCKET)
    base_url = f"{emulator.endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api"
    return Deployed(base_url, foundation, variables)


def introduce_canary(emulator: Emulator, deployed: Deployed) -> None:
    """Tell the canary whose book is its own, and where this emulator answers today."""
    from infrastructure.canary import introduce

    addresses = {
        "base_url": deployed.base_url,
        "token_url": f"{emulator.endpoint}/oauth2/token",
    }
    table, client_id = deployed.foundation["ClientsTable"], deployed.foundation["CanaryClientId"]
    introduce(emulator.client("dynamodb"), table, client_id, addresses)


def function_variables(emulator: Emulator, foundation: dict[str, str]) -> dict[str, str]:
    """Answer the functions' environment variables that the foundation's outputs decide."""
    return {
        "STAGE": STAGE,
        "ENTRIES_TABLE": foundation["EntriesTable"],
        "ENTRIES_STREAM_ARN": foundation["EntriesStreamArn"],
        "CLIENTS_TABLE": foundation["ClientsTable"],
        "CANARY_CLIENT_ID": foundation["CanaryClientId"],
        "QUARANTINE_QUEUE_URL": _queue_url(emulator, foundation["QuarantineQueueArn"]),
        "USER_POOL_ID": foundation["UserPoolId"],
        "USER_POOL_ARN": foundation["UserPoolArn"],
        "AWS_ENDPOINT_URL": emulator.endpoint,
        **night_variables(foundation),
    }


def _queue_url(emulator: Emulator, arn: str) -> str:
    # The stack's output keeps the emulator's port of the day when the queue was made.
    answer = emulator.client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])
    url: str = answer["QueueUrl"]
    return url


def _uploaded_template(emulator: Emulator, packed: Package) -> str:
    code = packed.code_name
    _upload(emulator, code, packed.code)
    template = packed.template.replace("./deployment.zip", f"s3://{CODE_BUCKET}/{code}")
    return _upload(emulator, "application.json", template.encode())


def _upload(emulator: Emulator, name: str, content: bytes) -> str:
    """Put an object into the bucket for code; answer its URL."""
    storage = emulator.client("s3")
    try:
        storage.head_bucket(Bucket=CODE_BUCKET)
    except ClientError:
        storage.create_bucket(Bucket=CODE_BUCKET)
    storage.put_object(Bucket=CODE_BUCKET, Key=name, Body=content)
    return f"{emulator.endpoint}/{CODE_BUCKET}/{name}"
