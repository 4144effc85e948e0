"""How the ledger's stream is read, beyond what Chalice's decorator says.

A batch that fails is tried until it succeeds or is 23 hours old: the projector itself puts aside
what can never succeed, so a failing batch waits for a store to come back. One hour before the
stream would drop it silently, its place in the stream goes to the quarantine, from where an alarm
leads to a rebuild.
"""

import time
from collections.abc import Callable
from typing import Any

from deploy.steps import Changes

OLDEST_SECONDS = 23 * 3600
FOR_EVER = -1
_UNDER_WAY = {"Creating", "Enabling", "Disabling", "Updating"}


class StreamMissingError(Exception):
    """The projector reads no stream; deploy the application first."""


def configure_stream_mapping(
    lambdas: Any, function: str, quarantine_arn: str, pause: Callable[[float], None] = time.sleep
) -> Changes:
    """Set age, tries and destination of the function's stream mapping; raise StreamMissingError without one.

    A mapping that is just being made or changed is waited for.
    """
    mappings = lambdas.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    streams = [mapping for mapping in mappings if ":dynamodb:" in mapping["EventSourceArn"]]
    if not streams:
        raise StreamMissingError(f"{function} reads no stream; deploy the application first.")
    wanted = {
        "MaximumRecordAgeInSeconds": OLDEST_SECONDS,
        "MaximumRetryAttempts": FOR_EVER,
        "BisectBatchOnFunctionError": False,
        "ParallelizationFactor": 1,
        "DestinationConfig": {"OnFailure": {"Destination": quarantine_arn}},
    }
    changes = []
    for stream in streams:
        differing = sorted(key for key, value in wanted.items() if not _is(stream.get(key), value))
        if differing:
            _wait_until_steady(lambdas, stream["UUID"], pause)
            lambdas.update_event_source_mapping(UUID=stream["UUID"], **wanted)
            changes.append(f"{function}: its stream's {', '.join(differing)} set")
    return changes


def _wait_until_steady(lambdas: Any, mapping: str, pause: Callable[[float], None]) -> None:
    while lambdas.get_event_source_mapping(UUID=mapping)["State"] in _UNDER_WAY:
        pause(2)


def _is(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_is(found.get(k), v) for k, v in wanted.items())
    return bool(found == wanted)
