"""Deploy the foundation and the application to the emulator, from production's own templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from local.emulator import Emulator
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
    cloudformation = emulator.client("cloudformation")
    template = FOUNDATION.read_text()
    return deploy_stack(cloudformation, f"livro-caixa-{STAGE}-foundation", template, parameters)


def deploy_application(
    emulator: Emulator, foundation: dict[str, str], stores: Mapping[str, str], build: Path
) -> Deployed:
    """Package the application, and make or update its stack on the foundation.

    `stores` are the environment variables that say where PostgreSQL and Redis are.
    """
    variables = function_variables(emulator, foundation) | dict(stores)
    libraries = {"PYTHONPATH": str(FUNCTION_LIBRARIES)}  # ours, before the emulator's own
    packed = package(build, variables | libraries)
    outputs = deploy_stack(
        emulator.client("cloudformation"),
        f"livro-caixa-{STAGE}",
        _template_with_uploaded_code(emulator, packed),
        {
            "Stage": STAGE,
            "Target": "emulator",
            "UserPoolArn": foundation["UserPoolArn"],
            "EntriesStreamArn": foundation["EntriesStreamArn"],
        },
    )
    base_url = f"{emulator.endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api"
    return Deployed(base_url, foundation, variables)


def function_variables(emulator: Emulator, foundation: dict[str, str]) -> dict[str, str]:
    """Answer the functions' environment variables that the foundation's outputs decide."""
    return {
        "STAGE": STAGE,
        "ENTRIES_TABLE": foundation["EntriesTable"],
        "ENTRIES_STREAM_ARN": foundation["EntriesStreamArn"],
        "CLIENTS_TABLE": foundation["ClientsTable"],
        "QUARANTINE_QUEUE_URL": foundation["QuarantineQueueUrl"],
        "USER_POOL_ID": foundation["UserPoolId"],
        "USER_POOL_ARN": foundation["UserPoolArn"],
        "AWS_ENDPOINT_URL": emulator.endpoint,
    }


def _template_with_uploaded_code(emulator: Emulator, packed: Package) -> str:
    storage = emulator.client("s3")
    try:
        storage.head_bucket(Bucket=CODE_BUCKET)
    except ClientError:
        storage.create_bucket(Bucket=CODE_BUCKET)
    storage.put_object(Bucket=CODE_BUCKET, Key=packed.code_name, Body=packed.code)
    place = f"s3://{CODE_BUCKET}/{packed.code_name}"
    return packed.template.replace("./deployment.zip", place)
