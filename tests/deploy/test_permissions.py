"""A command that AWS denies a call says which permission is missing, and where to get it."""

import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy import __main__ as deploy_command
from deploy.chalice_cli import ChaliceCommandError
from deploy.permissions import error_text
from deploy.read_model import RebuildError
from deploy.stacks import StackError
from tests.deploy.test_read_model_load import Account, Machines

MISSING = (
    "\nThe permission {} is missing. Give the deployer the policies of this release, which "
    "`.venv/bin/python -m infrastructure.deployer` prints, and run the same command again "
    "(docs/operations.md, Deploying)."
)
USER = "User: arn:aws:iam::1:user/deployer is not authorized to perform: "
FUNCTION = "User: arn:aws:sts::1:assumed-role/rebuild/x is not authorized to perform: "


def denied(code: str, operation: str, message: str) -> ClientError:
    error: Any = {"Error": {"Code": code, "Message": message}}
    return ClientError(error, operation)


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "permission"),
    [
        (denied("AccessDenied", "GetRole", f"{USER}iam:GetRole on x"), "iam:GetRole"),
        (denied("UnauthorizedOperation", "DescribeVpcs", "You are not."), "for DescribeVpcs"),
        (
            caused_by(RebuildError("x"), denied("AccessDeniedException", "Invoke", "no")),
            "for Invoke",
        ),
        (StackError(f"Key: {USER}kms:CreateKey on *"), "kms:CreateKey"),
        (ChaliceCommandError(f"{USER}lambda:TagResource on x"), "lambda:TagResource"),
    ],
)
def test_denied_call_names_its_permission(error: Exception, permission: str) -> None:
    assert error_text(error) == f"{error}{MISSING.format(permission)}"


@pytest.mark.parametrize(
    "error",
    [
        RebuildError(f"The rebuild failed: {FUNCTION}dynamodb:Scan on x"),  # not the deployer's
        denied("ThrottlingException", "Invoke", "slow down"),
        StackError("Key: it exists already"),
        denied("AccessDenied", "CreateRole", f"{USER}iam:CreateRole with an explicit deny"),
    ],
)
def test_other_errors_are_shown_alone(error: Exception) -> None:
    assert error_text(error) == str(error)


def test_rebuild_names_the_missing_permission(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Older(Machines):
        """Step Functions for a deployer whose policies are those of an earlier release."""

        def list_executions(self, stateMachineArn: str, statusFilter: str) -> dict[str, Any]:  # noqa: N803
            message = f"{USER}states:ListExecutions on resource: {stateMachineArn}"
            raise denied("AccessDeniedException", "ListExecutions", message)

    monkeypatch.setattr(deploy_command, "sign_in", lambda: Account([], Older()))
    monkeypatch.setattr(sys, "argv", ["program", "rebuild", "trial"])
    assert deploy_command.main() == 1
    assert capsys.readouterr().err.endswith(f"{MISSING.format('states:ListExecutions')}\n")
