"""The user pool may call the function that puts merchants into tokens; nobody else may."""

import json
from typing import Any

from botocore.exceptions import ClientError

from deploy.steps import Changes

_SID = "user-pool"


def allow_cognito_invoke(lambdas: Any, function: str, pool_arn: str) -> Changes:
    """Give the pool with that ARN the right to call a function; take it from any pool before it."""
    allowed = _allowed_pool(lambdas, function)
    if allowed == pool_arn:
        return []
    if allowed is not None:
        lambdas.remove_permission(FunctionName=function, StatementId=_SID)
    lambdas.add_permission(
        FunctionName=function,
        StatementId=_SID,
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=pool_arn,
    )
    return [f"{function}: the user pool may call it"]


def _allowed_pool(lambdas: Any, function: str) -> str | None:
    try:
        policy = json.loads(lambdas.get_policy(FunctionName=function)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    for statement in policy["Statement"]:
        if statement["Sid"] == _SID:
            conditions = statement.get("Condition", {}).get("ArnLike", {})
            return str(conditions.get("AWS:SourceArn", ""))
    return None
