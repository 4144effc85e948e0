"""CloudFormation stacks: created or updated from any state of an earlier attempt, or deleted.

Safe to repeat and to interrupt: an operation in progress is awaited, a stack whose creation failed
is deleted and created, one whose update was rolled back is updated, and an equal one is unchanged.
One whose deletion failed is not updated, since CloudFormation accepts no update of it.

A stack is protected only after its creation: the rollback of a failed one could not delete
protected resources, and CloudFormation does not delete a protected stack (CreateStack,
EnableTerminationProtection).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

PAUSE_SECONDS = 5.0
# A server with a standby takes about half an hour; interfaces of functions delay a deletion most.
LONGEST_OPERATION_SECONDS = 90 * 60
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_NOT_CREATED = {"ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"}
_PARTLY_DELETED = "DELETE_FAILED"
_STARTED = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}
_COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
# The parameter by which a template protects its resources against deletion.
_PROTECTION = "Protection"

Parameters = Mapping[str, str]


class StackError(Exception):
    """A stack could not be created, updated or deleted; the message has each resource's reason."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of an account and region; `report` is called with a line for each step."""

    cloudformation: Any
    report: Callable[[str], None]
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def deploy(
        self, name: str, template: str, parameters: Parameters, protected: bool = False
    ) -> dict[str, str]:
        """Create or update a stack with this template and these parameters; return its outputs.

        `template` is its text, or the URL of an object in S3. A `protected` stack cannot be
        deleted. Raises StackError.
        """
        status = self._final_status(name)
        if status == _PARTLY_DELETED:
            raise StackError(
                f"{name} was partly deleted, and CloudFormation cannot update such a stack. Delete "
                f"this one stack (aws cloudformation delete-stack --stack-name {name}) and deploy "
                "again; do not run `make destroy`, which deletes the ledger. Not deleted: "
                f"{self._reasons(name)}"
            )
        if status in _NOT_CREATED:
            self.report(f"{name}: deleting what a failed attempt left …")
            self._protect(name, False)
            self.remove(name)
            status = None
        if status is None:
            self._create(name, template, parameters)
        elif self._update(_request(name, template, parameters)):
            self.report(f"{name}: updated")
        else:
            self.report(f"{name}: unchanged")
        self._protect(name, protected)
        return self.outputs(name)

    def remove(self, name: str) -> None:
        """Delete a stack and wait until it is gone; do nothing where there is none."""
        if self._final_status(name) is None:
            return
        self.cloudformation.delete_stack(StackName=name)
        if self._final_status(name) is not None:
            remaining = " ".join(failure["LogicalResourceId"] for failure in self._failures(name))
            raise StackError(
                f"{name} was not deleted: {self._reasons(name)}. Fix this and run the same command "
                "again, or retain these resources: aws cloudformation delete-stack "
                f"--stack-name {name} --retain-resources {remaining}"
            )

    def outputs(self, name: str) -> dict[str, str]:
        """Return a stack's outputs; {} where there is no such stack."""
        outputs = (self.described(name) or {}).get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def described(self, name: str) -> dict[str, Any] | None:
        """Return CloudFormation's description of a stack, or None where there is none."""
        from botocore.exceptions import ClientError

        try:
            stack: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack

    def _create(self, name: str, template: str, parameters: Parameters) -> None:
        self.report(f"{name}: creating …")
        unprotected = {key: "off" for key in parameters if key == _PROTECTION}
        self.cloudformation.create_stack(**_request(name, template, {**parameters, **unprotected}))
        self._require_complete(name)
        if unprotected:
            self._update(_request(name, template, parameters))
        self.report(f"{name}: created")

    def _update(self, request: dict[str, Any]) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates" in str(error):
                return False
            raise
        self._require_complete(request["StackName"])
        return True

    def _protect(self, name: str, protected: bool) -> None:
        stack = self.described(name) or {}
        if bool(stack.get("EnableTerminationProtection")) != protected:
            self.cloudformation.update_termination_protection(
                StackName=name, EnableTerminationProtection=protected
            )

    def _require_complete(self, name: str) -> None:
        status = self._final_status(name)
        if status not in _COMPLETE:
            raise StackError(f"{name} is {status}: {self._reasons(name)}")

    def _final_status(self, name: str) -> str | None:
        end = self.clock() + LONGEST_OPERATION_SECONDS
        while True:
            stack = self.described(name)
            status = None if stack is None else str(stack["StackStatus"])
            if status is None or not status.endswith("_IN_PROGRESS"):
                return status
            if status == "REVIEW_IN_PROGRESS":  # a change set that was never executed
                return status
            if self.clock() > end:
                raise StackError(
                    f"{name} is still {status} after {LONGEST_OPERATION_SECONDS // 60} minutes. "
                    "Its events in the CloudFormation console show what it waits for; run the "
                    "same command again to continue."
                )
            self.pause(PAUSE_SECONDS)

    def _reasons(self, name: str) -> str:
        return "; ".join(
            f"{failure['LogicalResourceId']}: {failure.get('ResourceStatusReason', 'no reason')}"
            for failure in self._failures(name)
        )

    def _failures(self, name: str) -> list[dict[str, Any]]:
        """Return at most ten resources that failed in the stack's last operation."""
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        newest = takewhile(lambda event: not _starts(name, event), events)
        failed = [event for event in newest if event["ResourceStatus"].endswith("FAILED")]
        return [event for event in failed if event["LogicalResourceId"] != name][:10]


def _starts(name: str, event: Mapping[str, Any]) -> bool:
    """Return whether an operation on the stack started with this event."""
    return event["LogicalResourceId"] == name and event["ResourceStatus"] in _STARTED


def _request(name: str, template: str, parameters: Parameters) -> dict[str, Any]:
    return {
        "StackName": name,
        "TemplateURL" if template.startswith("http") else "TemplateBody": template,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": text} for key, text in parameters.items()
        ],
        "Capabilities": _CAPABILITIES,
    }
