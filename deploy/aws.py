"""The AWS account and region of a stage: signing in, its clients, and whether it has room."""

import os
from dataclasses import dataclass, field
from typing import Any

from infrastructure.functions import APPLICATION, FUNCTIONS
from infrastructure.policies import place_values
from infrastructure.stages import Stage

LONGEST_RESPONSE_SECONDS = 910
# The concurrency that Lambda keeps for functions without a reservation.
UNRESERVED = 100
# CloudFormation derives the role's name from the stack and the resource (account.yaml).
_OUR_ROLE = f":role/{APPLICATION}-account-WriteLogs-"


class NotSignedInError(Exception):
    """No AWS credentials or region; the message says what to set."""


class AccountError(Exception):
    """The account has too little concurrency for the stage; the message says what to request."""


@dataclass(frozen=True)
class Aws:
    """One account and region, signed in.

    `endpoint_url` is the address of an emulator of all services; None is AWS itself.
    """

    session: Any
    region: str
    account_id: str
    partition: str
    endpoint_url: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return the client of a service, which waits long and retries often."""
        if service not in self._clients:
            from botocore.config import Config

            # A migration may run as long as its function's timeout; a retry would run it twice.
            config = Config(
                read_timeout=LONGEST_RESPONSE_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 8},
            )
            self._clients[service] = self.session.client(
                service, endpoint_url=self.endpoint_url, config=config
            )
        return self._clients[service]

    def place(self, stage: str) -> dict[str, str]:
        """Return the values by which templates and policies name this account for a stage."""
        return place_values(stage, self.region, self.account_id, self.partition)


def sign_in() -> Aws:
    """Return the account and region that the usual settings select (AWS_PROFILE, AWS_REGION, …).

    Raises NotSignedInError.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    # The common variable for the region, which boto3 and Chalice do not read.
    if "AWS_REGION" in os.environ:
        os.environ.setdefault("AWS_DEFAULT_REGION", os.environ["AWS_REGION"])
    session = boto3.Session()
    if not session.region_name:
        raise NotSignedInError("No region is set; set AWS_REGION, such as sa-east-1.")
    try:
        identity = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise NotSignedInError(
            f"AWS does not accept your credentials; sign in (aws sso login): {error}"
        ) from None
    partition = identity["Arn"].split(":")[1]
    return Aws(session, session.region_name, identity["Account"], partition)


def check_account(aws: Aws, stage: Stage) -> None:
    """Raise AccountError where the account's Lambda concurrency is too low for the stage.

    Concurrency that other functions have reserved is not available; what this stage has reserved
    already is.
    """
    lambdas = aws.client("lambda")
    limit = lambdas.get_account_settings()["AccountLimit"]
    wanted = sum(stage.size.concurrency(function) or 0 for function in FUNCTIONS)
    held = sum(_reserved(lambdas, function.aws_name(stage.name)) for function in FUNCTIONS)
    others = limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"] - held
    needed = others + wanted + UNRESERVED
    if limit["ConcurrentExecutions"] < needed:
        raise AccountError(
            f"The account's Lambda concurrency is {limit['ConcurrentExecutions']}; other functions "
            f"have reserved {others}, this stage reserves {wanted}, and Lambda keeps {UNRESERVED}. "
            f"Request {needed} from AWS (Service Quotas, Lambda, concurrent executions), or remove "
            "other reservations."
        )


def shared_parameters(aws: Aws) -> dict[str, str]:
    """Return the parameters of the stack that all stages of an account share.

    API Gateway has one role for logs per account and region: an existing one is not replaced.
    """
    role = aws.client("apigateway").get_account().get("cloudwatchRoleArn") or ""
    return {"GatewayRole": "own" if not role or _OUR_ROLE in role else "kept"}


def _reserved(lambdas: Any, name: str) -> int:
    try:
        concurrency = lambdas.get_function_concurrency(FunctionName=name)
    except lambdas.exceptions.ResourceNotFoundException:
        return 0
    return int(concurrency.get("ReservedConcurrentExecutions", 0))
