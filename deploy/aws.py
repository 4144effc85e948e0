"""The account and region that a stage is deployed to, with clients for its services."""

import os
from dataclasses import dataclass, field
from typing import Any

from infrastructure.policies import place_values

LONGEST_ANSWER_SECONDS = 310


class NotSignedInError(Exception):
    """AWS does not know who deploys, or where to; the message says what to set."""


@dataclass(frozen=True)
class Aws:
    """One account and region, as whoever deploys has signed in to it.

    `endpoint_url` is where an emulator answers for every service; None is AWS itself.
    """

    session: Any
    region: str
    account_id: str
    partition: str
    endpoint_url: str | None = None
    _made: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return the client of a service; patient with throttling, for nobody waits."""
        if service not in self._made:
            from botocore.config import Config

            # A migration may take as long as its function; asking twice would run it twice.
            patient = Config(
                read_timeout=LONGEST_ANSWER_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 8},
            )
            self._made[service] = self.session.client(
                service, endpoint_url=self.endpoint_url, config=patient
            )
        return self._made[service]

    def place(self, stage: str) -> dict[str, str]:
        """Return how templates and policies name this place for a stage."""
        return place_values(stage, self.region, self.account_id, self.partition)


def sign_in() -> Aws:
    """Return the account of the usual AWS settings (AWS_PROFILE, AWS_REGION, …).

    Raises NotSignedInError.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    # The usual name of it, which boto3 and Chalice do not know.
    if "AWS_REGION" in os.environ:
        os.environ.setdefault("AWS_DEFAULT_REGION", os.environ["AWS_REGION"])
    session = boto3.Session()
    if not session.region_name:
        raise NotSignedInError("No region is set; set AWS_REGION, such as sa-east-1.")
    try:
        who = session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise NotSignedInError(
            f"AWS does not know who deploys; sign in (aws sso login): {error}"
        ) from None
    partition = who["Arn"].split(":")[1]
    return Aws(session, session.region_name, who["Account"], partition)
