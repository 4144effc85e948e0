"""CloudFormation stacks: made or updated, whatever an earlier attempt left; removed when told to.

Safe to repeat and to interrupt: a stack that is still at it is waited for, one that never came to
be is made anew, one whose update went back is updated again, and an equal one is left alone. One
that was removed in part is removed to the end or left: bringing it up would be a guess.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

PAUSE_SECONDS = 5.0
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_NEVER_CAME_TO_BE = {"ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"}
_REMOVED_IN_PART = "DELETE_FAILED"
_BEGINNINGS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}
_SOUND = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}

Parameters = Mapping[str, str]


class StackError(Exception):
    """A stack could not be made, changed or removed; the message has each resource's reason."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of an account and region; `tell` hears a line about each."""

    cloudformation: Any
    tell: Callable[[str], None]
    pause: Callable[[float], None] = time.sleep

    def deploy(
        self, name: str, template: str, parameters: Parameters, protected: bool = False
    ) -> dict[str, str]:
        """Bring a stack to this template and these parameters; return its outputs.

        `template` is its text, or the URL of an object in S3. A protected stack refuses to be
        removed afterwards. Raises StackError.
        """
        status = self._settled(name)
        if status == _REMOVED_IN_PART:
            raise StackError(
                f"{name} was removed in part, and CloudFormation takes no update of it. Remove "
                f"it alone to its end (aws cloudformation delete-stack --stack-name {name}), then "
                f"deploy; not by make destroy, which takes the ledger away. "
                f"What stayed: {self._reasons(name)}"
            )
        if status in _NEVER_CAME_TO_BE:
            self.tell(f"{name}: removing what an earlier attempt left")
            self.remove(name)
            status = None
        request = _asked(name, template, parameters)
        if status is None:
            self._create(name, request, protected)
        elif self._update(name, request):
            self.tell(f"{name}: updated")
        else:
            self.tell(f"{name}: unchanged")
        self._protect(name, protected)
        return self.outputs(name)

    def remove(self, name: str) -> None:
        """Remove a stack and wait until it is gone; one that is not there is no matter."""
        if self._settled(name) is None:
            return
        self.cloudformation.delete_stack(StackName=name)
        if self._settled(name) is not None:
            stays = " ".join(failure["LogicalResourceId"] for failure in self._failures(name))
            raise StackError(
                f"{name} was not removed: {self._reasons(name)}. Mend that and give the same "
                "command again, or leave these behind: aws cloudformation delete-stack "
                f"--stack-name {name} --retain-resources {stays}"
            )

    def outputs(self, name: str) -> dict[str, str]:
        """Return a stack's outputs; none for a stack that is not there."""
        stack = self.described(name)
        return {one["OutputKey"]: one["OutputValue"] for one in (stack or {}).get("Outputs", [])}

    def described(self, name: str) -> dict[str, Any] | None:
        """Return what CloudFormation says of a stack; None where there is none."""
        from botocore.exceptions import ClientError

        try:
            stack: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as refusal:
            if "does not exist" in str(refusal):
                return None
            raise
        return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack

    def _create(self, name: str, asked: dict[str, Any], protected: bool) -> None:
        self.tell(f"{name}: creating …")
        self.cloudformation.create_stack(**asked, EnableTerminationProtection=protected)
        self._must_be_sound(name)
        self.tell(f"{name}: created")

    def _update(self, name: str, asked: dict[str, Any]) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.cloudformation.update_stack(**asked)
        except ClientError as refusal:
            if "No updates" in str(refusal):
                return False
            raise
        self._must_be_sound(name)
        return True

    def _protect(self, name: str, protected: bool) -> None:
        is_so = bool((self.described(name) or {}).get("EnableTerminationProtection"))
        if is_so != protected:
            self.cloudformation.update_termination_protection(
                StackName=name, EnableTerminationProtection=protected
            )

    def _must_be_sound(self, name: str) -> None:
        status = self._settled(name)
        if status not in _SOUND:
            raise StackError(f"{name} is {status}: {self._reasons(name)}")

    def _settled(self, name: str) -> str | None:
        while True:
            stack = self.described(name)
            status = None if stack is None else str(stack["StackStatus"])
            if status is None or not status.endswith("_IN_PROGRESS"):
                return status
            if status == "REVIEW_IN_PROGRESS":  # nobody is at it
                return status
            self.pause(PAUSE_SECONDS)

    def _reasons(self, name: str) -> str:
        return "; ".join(
            f"{failure['LogicalResourceId']}: {failure.get('ResourceStatusReason', 'no reason given')}"
            for failure in self._failures(name)
        )

    def _failures(self, name: str) -> list[dict[str, Any]]:
        """Return the resources that failed in the stack's last attempt, ten at most."""
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        newest = takewhile(lambda one: not _begins(name, one), events)
        failed = [one for one in newest if one["ResourceStatus"].endswith("FAILED")]
        return [one for one in failed if one["LogicalResourceId"] != name][:10]


def _begins(name: str, event: Mapping[str, Any]) -> bool:
    """Say whether with this event somebody began to make, change or remove the stack."""
    return event["LogicalResourceId"] == name and event["ResourceStatus"] in _BEGINNINGS


def _asked(name: str, template: str, parameters: Parameters) -> dict[str, Any]:
    return {
        "StackName": name,
        "TemplateURL" if template.startswith("http") else "TemplateBody": template,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": text} for key, text in parameters.items()
        ],
        "Capabilities": _CAPABILITIES,
    }
