"""The AWS account and region of a stage: signing in, and its clients."""

import os
from dataclasses import dataclass, field
from typing import Any

from infrastructure.functions import APPLICATION
from infrastructure.policies import place_values

LONGEST_RESPONSE_SECONDS = 910
# CloudFormation derives the role's name from the stack and the resource (account.yaml).
_OUR_ROLE = f":role/{APPLICATION}-account-WriteLogs-"


class NotSignedInError(Exception):
    """No AWS credentials or region; the message says what to set."""


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


def shared_parameters(aws: Aws) -> dict[str, str]:
    """Return the parameters of the stack that all stages of an account share.

    API Gateway has one role for logs per account and region: an existing one is not replaced.
    """
    role = aws.client("apigateway").get_account().get("cloudwatchRoleArn") or ""
    return {"GatewayRole": "own" if not role or _OUR_ROLE in role else "kept"}
