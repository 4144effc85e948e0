"""CloudFormation stacks in the emulator: make or update one, and read what it gives back."""

import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

SECONDS_TO_WAIT = 120
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def deploy_stack(
    cloudformation: Any, name: str, template_url: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Make the stack, or update it if it is there; answer its outputs.

    A stack whose making failed before is removed and made anew. Raises RuntimeError with the
    failed resources and their reasons.
    """
    status = _status(cloudformation, name)
    if status is not None and status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        cloudformation.delete_stack(StackName=name)
        _settled(cloudformation, name)
        status = None
    asked = {
        "StackName": name,
        "TemplateURL": template_url,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": text} for key, text in parameters.items()
        ],
        "Capabilities": CAPABILITIES,
    }
    if status is None:
        cloudformation.create_stack(**asked)
    elif not _update(cloudformation, asked):
        return _outputs(cloudformation, name)
    reached = _settled(cloudformation, name)
    if reached not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise RuntimeError(f"stack {name} is {reached}: {_failures(cloudformation, name)}")
    return _outputs(cloudformation, name)


def _update(cloudformation: Any, asked: dict[str, Any]) -> bool:
    """Start an update; answer False if there is nothing to update."""
    try:
        cloudformation.update_stack(**asked)
    except ClientError as refusal:
        if "No updates" in str(refusal):
            return False
        raise
    return True


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        status: str = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as refusal:
        if "does not exist" in str(refusal):
            return None
        raise
    return None if status == "DELETE_COMPLETE" else status


def _settled(cloudformation: Any, name: str) -> str | None:
    end = time.monotonic() + SECONDS_TO_WAIT
    while time.monotonic() < end:
        status = _status(cloudformation, name)
        if status is None or not status.endswith("IN_PROGRESS"):
            return status
        time.sleep(0.1)
    raise RuntimeError(f"stack {name} was not done after {SECONDS_TO_WAIT} seconds")


def _outputs(cloudformation: Any, name: str) -> dict[str, str]:
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def _failures(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if "FAILED" in event["ResourceStatus"]]
    return "; ".join(
        f"{event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in failed
    )
