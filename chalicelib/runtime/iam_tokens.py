"""IAM authentication tokens: signed URLs that RDS and ElastiCache accept instead of a password.

Signing needs no call and no service model, only the function's credentials and the clock. A token
is valid for 15 minutes; a connection opened with it stays open after that.
"""

from dataclasses import dataclass
from typing import Any

LIFETIME_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs tokens for the stores of one region with botocore credentials."""

    credentials: Any
    region: str

    def database_token(self, host: str, port: int, role: str) -> str:
        """Return the password of a PostgreSQL role on Amazon RDS.

        RDS user guide, "IAM database authentication"; it needs the permission rds-db:connect.
        """
        return self._signed("rds-db", f"{host}:{port}", {"Action": "connect", "DBUser": role})

    def redis_token(self, group: str, user: str) -> str:
        """Return the password of a user of an ElastiCache replication group.

        ElastiCache user guide, "Authenticating with IAM"; needs the permission elasticache:Connect.
        """
        return self._signed("elasticache", group, {"Action": "connect", "User": user})

    def _signed(self, service: str, host: str, params: dict[str, str]) -> str:
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method="GET", url=f"https://{host}/", params=params)
        credentials = self.credentials.get_frozen_credentials()
        SigV4QueryAuth(credentials, service, self.region, LIFETIME_SECONDS).add_auth(request)
        return str(request.url).removeprefix("https://")


@dataclass(frozen=True, slots=True)
class RedisCredentials:
    """redis-py's credential provider, called for each new connection to ElastiCache."""

    signer: Signer
    group: str
    user: str

    def get_credentials(self) -> tuple[str, str]:
        """Return the user and a new token."""
        return self.user, self.signer.redis_token(self.group, self.user)
