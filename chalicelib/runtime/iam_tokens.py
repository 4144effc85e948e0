"""Sign-in tokens for stores that trust IAM: a signed URL takes the place of a password.

Made without a call and without the service's model: only the function's own credentials and the
clock are needed. A token opens connections for 15 minutes; what it opened stays open.
"""

from dataclasses import dataclass
from typing import Any

LIFETIME_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with botocore credentials, for the stores of a region."""

    credentials: Any
    region: str

    def database_token(self, host: str, port: int, role: str) -> str:
        """Return the password of a PostgreSQL role on Amazon RDS.

        (RDS user guide, "IAM database authentication"; the right is rds-db:connect.)
        """
        return self._signed("rds-db", f"{host}:{port}", {"Action": "connect", "DBUser": role})

    def cache_token(self, group: str, user: str) -> str:
        """Return the password of a user of an ElastiCache replication group.

        (ElastiCache user guide, "Authenticating with IAM"; the right is elasticache:Connect.)
        """
        return self._signed("elasticache", group, {"Action": "connect", "User": user})

    def _signed(self, service: str, place: str, asked: dict[str, str]) -> str:
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method="GET", url=f"https://{place}/", params=asked)
        credentials = self.credentials.get_frozen_credentials()
        SigV4QueryAuth(credentials, service, self.region, LIFETIME_SECONDS).add_auth(request)
        return str(request.url).removeprefix("https://")


@dataclass(frozen=True, slots=True)
class CacheCredentials:
    """Who signs in to ElastiCache: redis-py asks for it at each new connection."""

    signer: Signer
    group: str
    user: str

    def get_credentials(self) -> tuple[str, str]:
        """Return the user and a fresh token."""
        return self.user, self.signer.cache_token(self.group, self.user)
