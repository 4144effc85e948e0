"""The settings of a stage for `chalice deploy`, from the outputs of its stacks.

None is a secret: databases authenticate functions by IAM, and the key of cursors is in PostgreSQL.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from infrastructure.canary import secret_name
from infrastructure.functions import APPLICATION, FUNCTIONS, Function
from infrastructure.sizes import Size
from infrastructure.stages import Stage

Outputs = Mapping[str, str]
# Without interface endpoints, functions reach these services at dual-stack addresses (IPv6). SQS
# has IPv6 at its usual address; DynamoDB and S3 have gateway endpoints.
_DUAL_STACK_ENDPOINTS = {
    "AWS_ENDPOINT_URL_KMS": "https://kms.{region}.api.aws",
    "AWS_ENDPOINT_URL_EVENTBRIDGE": "https://events.{region}.api.aws",
    "AWS_ENDPOINT_URL_SFN": "https://states.{region}.api.aws",
}


def stage_settings(
    stage: Stage, outputs: Outputs, place: Mapping[str, str], reservations: Mapping[str, int]
) -> dict[str, Any]:
    """Return the stage's part of Chalice's config.json; `place` is policies.place_values().

    `reservations` is the reserved concurrency by function.
    """
    return {
        "lambda_architecture": "arm64",
        "xray": True,
        "manage_iam_role": True,
        "api_gateway_endpoint_type": "REGIONAL",
        # The gateway's metrics have the API's name, which all stages share, and this one.
        "api_gateway_stage": stage.name,
        "tags": {"application": APPLICATION, "stage": stage.name},
        "environment_variables": variables(stage, outputs, place),
        "lambda_functions": {
            function.name: _function_settings(function, reservations, outputs)
            for function in FUNCTIONS
        },
    }


def variables(stage: Stage, outputs: Outputs, place: Mapping[str, str]) -> dict[str, str]:
    """Return the functions' environment variables (chalicelib/runtime/settings.py reads them)."""
    common = {
        "STAGE": stage.name,
        "BUSINESS_TIME_ZONE": stage.business_time_zone,
        "ENTRIES_TABLE": outputs["EntriesTable"],
        "ENTRIES_STREAM_ARN": outputs["EntriesStreamArn"],
        "CLIENTS_TABLE": outputs["ClientsTable"],
        "SETTINGS_TABLE": outputs["SettingsTable"],
        "IMPORTS_TABLE": outputs["ImportsTable"],
        "IMPORT_BUCKET": outputs["ImportBucket"],
        "CANARY_CLIENT_ID": outputs["CanaryClientId"],
        "CANARY_SECRET": secret_name(stage.name),
        "QUARANTINE_QUEUE_URL": outputs["QuarantineQueueUrl"],
        "USER_POOL_ID": outputs["UserPoolId"],
        "USER_POOL_ARN": outputs["UserPoolArn"],
        "SIGN_IN_URL": outputs["SignInUrl"],
        "PEOPLE_CLIENT_ID": outputs["PeopleClientId"],
        "SIGNING_KEY_ID": outputs["SigningKeyArn"],
        "SEAL_BUCKET": outputs["SealBucket"],
        "EVENT_BUS": f"{APPLICATION}-{stage.name}",
        "STATE_MACHINE_ARN": _state_machine(place),
        "DATABASE_HOST": outputs["DatabaseHost"],
        "DATABASE_PORT": outputs["DatabasePort"],
        "DATABASE_NAME": outputs["DatabaseName"],
        # Otherwise pydantic searches every installed package for plugins; there are none.
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
    }
    return common | _redis(outputs) | _endpoints(stage.size, place["Region"])


def policy_values(outputs: Outputs, place: Mapping[str, str]) -> dict[str, str | None]:
    """Return the values of policies; None for a resource that the stage does not have."""
    absent: dict[str, str | None] = dict.fromkeys(("FastMemoryName", "FastMemoryUser"))
    return {**absent, **outputs, **place, "StateMachineArn": _state_machine(place)}


def _state_machine(place: Mapping[str, str]) -> str:
    # Its stack is created after the functions that it calls, so its ARN is spelled out.
    machine = f"stateMachine:{APPLICATION}-{place['Stage']}-daily-consolidation"
    return f"arn:{place['Partition']}:states:{place['Region']}:{place['AccountId']}:{machine}"


def _redis(outputs: Outputs) -> dict[str, str]:
    if "FastMemoryHost" not in outputs:
        return {}
    return {
        "REDIS_HOST": outputs["FastMemoryHost"],
        "REDIS_PORT": outputs["FastMemoryPort"],
        "REDIS_USER": outputs["FastMemoryUser"],
        "REDIS_GROUP": outputs["FastMemoryName"],
    }


def _endpoints(size: Size, region: str) -> dict[str, str]:
    if size.network["WayOut"] != "ipv6":
        return {}
    endpoints = {name: url.format(region=region) for name, url in _DUAL_STACK_ENDPOINTS.items()}
    return endpoints | {"IPV6_ONLY_HOSTS": ",".join(service_hosts(region))}


def service_hosts(region: str) -> list[str]:
    """Return the hosts that functions without interface endpoints reach by IPv6.

    Each has IPv4 addresses, too, to which such a network has no route.
    """
    urls = [url.format(region=region) for url in _DUAL_STACK_ENDPOINTS.values()]
    return [f"sqs.{region}.amazonaws.com", *(urlsplit(url).netloc for url in urls)]


def _function_settings(
    function: Function, reservations: Mapping[str, int], outputs: Outputs
) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "lambda_timeout": function.timeout_seconds,
        "lambda_memory_size": function.memory_mb,
    }
    if function.name in reservations:
        settings["reserved_concurrency"] = reservations[function.name]
    if function.in_network:
        settings["subnet_ids"] = outputs["FunctionSubnets"].split(",")
        settings["security_group_ids"] = [outputs["FunctionsSecurityGroup"]]
    return settings
