"""The account that a stage comes into: whether it has room, and what in it is somebody else's."""

from typing import Any

from deploy.aws import Aws
from infrastructure.functions import APPLICATION, FUNCTIONS
from infrastructure.stages import Stage

# What Lambda keeps for functions without a reservation of their own.
UNRESERVED = 100
# CloudFormation names the role after the stack and the resource (account.yaml).
_OUR_ROLE = f":role/{APPLICATION}-account-WriteLogs-"


class AccountError(Exception):
    """The account cannot hold the stage; the message says what to ask AWS for."""


def check_account(aws: Aws, stage: Stage) -> None:
    """Raise AccountError where the account lets too few functions run at once for the stage.

    What functions of others have reserved is not there to be had; this stage's own is.
    """
    lambdas = aws.client("lambda")
    limit = lambdas.get_account_settings()["AccountLimit"]
    wanted = sum(stage.size.concurrency(function) or 0 for function in FUNCTIONS)
    has = sum(_reserved(lambdas, one.aws_name(stage.name)) for one in FUNCTIONS)
    others = limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"] - has
    needed = others + wanted + UNRESERVED
    if limit["ConcurrentExecutions"] < needed:
        raise AccountError(
            f"The account runs {limit['ConcurrentExecutions']} functions at once; other functions "
            f"have {others} of them reserved, this stage reserves {wanted}, and Lambda keeps "
            f"{UNRESERVED}. Ask AWS for {needed} (Service Quotas, Lambda, concurrent executions), "
            "or take away what reserves them."
        )


def shared_parameters(aws: Aws) -> dict[str, str]:
    """Return the parameters of what all stages share.

    API Gateway has one role for logs in an account and region: one that is there stays.
    """
    role = aws.client("apigateway").get_account().get("cloudwatchRoleArn") or ""
    return {"GatewayRole": "own" if not role or _OUR_ROLE in role else "kept"}


def _reserved(lambdas: Any, name: str) -> int:
    try:
        result = lambdas.get_function_concurrency(FunctionName=name)
    except lambdas.exceptions.ResourceNotFoundException:
        return 0
    return int(result.get("ReservedConcurrentExecutions", 0))
