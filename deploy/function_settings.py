"""Settings of the deployed functions that Chalice does not have.

Each function reads the current settings, changes those that differ, and returns a line per change.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infrastructure.canary import register, store_secret

# A failing batch is retried until it succeeds: the projector sends records that can never succeed
# to the dead-letter queue itself, so any other failure waits for a store. After 23 hours, an hour
# before the stream would silently drop the batch, its position goes to that queue, which alarms.
OLDEST_SECONDS = 23 * 3600
UNLIMITED = -1
_CHANGING = {"Creating", "Enabling", "Disabling", "Updating"}
# A mapping is created or changed within about a minute; a longer change needs a person.
_PAUSE_SECONDS, _LONGEST_CHANGE_SECONDS = 2, 900
_STATEMENT_ID = "user-pool"


class StreamMissingError(Exception):
    """The projector has no stream mapping that can be changed; the message says what to do."""


def allow_cognito_invoke(lambdas: Any, function: str, pool_arn: str) -> list[str]:
    """Allow only the user pool with that ARN to call a function."""
    allowed = _allowed_pool(lambdas, function)
    if allowed == pool_arn:
        return []
    if allowed is not None:
        lambdas.remove_permission(FunctionName=function, StatementId=_STATEMENT_ID)
    lambdas.add_permission(
        FunctionName=function,
        StatementId=_STATEMENT_ID,
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=pool_arn,
    )
    return [f"{function}: the user pool may call it"]


def enable_ipv6(lambdas: Any, functions: Iterable[str], wanted: bool) -> list[str]:
    """Check whether functions in the network have IPv6, and correct and await those that differ.

    Chalice's part of the deployment sets it (reproducible_chalice.py).
    """
    changes = []
    for function in functions:
        network = lambdas.get_function_configuration(FunctionName=function).get("VpcConfig", {})
        if bool(network.get("Ipv6AllowedForDualStack")) != wanted and network.get("SubnetIds"):
            lambdas.update_function_configuration(
                FunctionName=function,
                VpcConfig={
                    "SubnetIds": network["SubnetIds"],
                    "SecurityGroupIds": network["SecurityGroupIds"],
                    "Ipv6AllowedForDualStack": wanted,
                },
            )
            lambdas.get_waiter("function_updated_v2").wait(FunctionName=function)
            changes.append(f"{function}: IPv6 {'on' if wanted else 'off'}")
    return changes


def configure_stream_mapping(
    lambdas: Any, function: str, dead_letters_arn: str, pause: Callable[[float], None] = time.sleep
) -> list[str]:
    """Set maximum age, retries and failure destination of the function's stream mapping.

    Waits for a mapping that is being created or changed. Raises StreamMissingError.
    """
    mappings = lambdas.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    streams = [mapping for mapping in mappings if ":dynamodb:" in mapping["EventSourceArn"]]
    if not streams:
        raise StreamMissingError(f"{function} has no stream mapping; deploy the application first.")
    wanted = {
        "MaximumRecordAgeInSeconds": OLDEST_SECONDS,
        "MaximumRetryAttempts": UNLIMITED,
        "BisectBatchOnFunctionError": False,
        "ParallelizationFactor": 1,
        "DestinationConfig": {"OnFailure": {"Destination": dead_letters_arn}},
    }
    changes = []
    for stream in streams:
        differing = sorted(n for n, value in wanted.items() if not _contains(stream.get(n), value))
        if differing:
            _await_mapping(lambdas, function, stream["UUID"], pause)
            lambdas.update_event_source_mapping(UUID=stream["UUID"], **wanted)
            changes.append(f"{function}: {', '.join(differing)} of its stream mapping set")
    return changes


def _await_mapping(lambdas: Any, function: str, uuid: str, pause: Callable[[float], None]) -> None:
    for _ in range(_LONGEST_CHANGE_SECONDS // _PAUSE_SECONDS):
        state = lambdas.get_event_source_mapping(UUID=uuid)["State"]
        if state not in _CHANGING:
            return
        pause(_PAUSE_SECONDS)
    raise StreamMissingError(
        f"The stream mapping of {function} is still {state} after "
        f"{_LONGEST_CHANGE_SECONDS // 60} minutes; deploy again later."
    )


def store_canary_secret(
    ssm: Any, cognito: Any, outputs: Mapping[str, str], stage: str
) -> list[str]:
    """Copy the secret of the canary's client to where only the canary reads it."""
    return ["canary: its secret is stored"] if store_secret(ssm, cognito, outputs, stage) else []


def store_canary_endpoint(dynamodb: Any, outputs: Mapping[str, str], base_url: str) -> list[str]:
    """Store the addresses that the canary calls; `outputs` are the foundation's."""
    addresses = {"base_url": base_url, "token_url": f"{outputs['SignInUrl']}/oauth2/token"}
    if register(dynamodb, outputs["ClientsTable"], outputs["CanaryClientId"], addresses):
        return [f"canary: calls {base_url}"]
    return []


def _allowed_pool(lambdas: Any, function: str) -> str | None:
    try:
        policy = json.loads(lambdas.get_policy(FunctionName=function)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    for statement in policy["Statement"]:
        if statement["Sid"] == _STATEMENT_ID:
            conditions = statement.get("Condition", {}).get("ArnLike", {})
            return str(conditions.get("AWS:SourceArn", ""))
    return None


def _contains(existing: Any, wanted: Any) -> bool:
    """Return whether a setting has the wanted value; AWS may add further keys to a mapping."""
    if isinstance(wanted, dict):
        return isinstance(existing, dict) and all(
            _contains(existing.get(name), value) for name, value in wanted.items()
        )
    return bool(existing == wanted)
