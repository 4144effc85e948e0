"""The settings of a deployment, from environment variables; nothing else reads the environment.

They are read once per process, at first use. Only what Chalice needs to define the application is
read at import. Defaults are safe: TLS, IAM authentication.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.runtime.wiring import once

# RDS has its own certificate authorities, which are not among the public ones of Lambda.
AMAZON_RDS = Path(__file__).with_name("certificates") / "amazon-rds.pem"


class MissingSettingError(LivroCaixaError):
    """A function was deployed without a `setting` that it needs; message and log name it."""

    def __init__(self, setting: str, detail: str) -> None:
        super().__init__(detail)
        self.setting = setting


class Settings(NamedTuple):
    """Settings of one deployment; a required one that is absent raises MissingSettingError."""

    variables: Mapping[str, str]

    def required(self, name: str) -> str:
        """Return a variable's text; raise MissingSettingError when it is absent or empty."""
        value = self.variables.get(name, "")
        if not value:
            raise MissingSettingError(
                name, f"The environment variable {name} is not set; the deployment must set it."
            )
        return value

    @property
    def stage(self) -> str:
        """The deployment's stage, such as "laptop" or "production"."""
        return self.variables.get("STAGE", "local")

    @property
    def business_zone(self) -> ZoneInfo:
        """The time zone whose midnights separate business days."""
        name = self.variables.get("BUSINESS_TIME_ZONE", "America/Sao_Paulo")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise MissingSettingError(
                "BUSINESS_TIME_ZONE",
                f"BUSINESS_TIME_ZONE is {name!r}; it must be an IANA time zone.",
            ) from None

    @property
    def entries_table(self) -> str:
        """The DynamoDB table of entries: the ledger."""
        return self.required("ENTRIES_TABLE")

    @property
    def clients_table(self) -> str:
        """The DynamoDB table that maps machine clients to their merchants."""
        return self.required("CLIENTS_TABLE")

    @property
    def settings_table(self) -> str:
        """The DynamoDB table of what merchants set up themselves."""
        return self.required("SETTINGS_TABLE")

    @property
    def imports_table(self) -> str:
        """The DynamoDB table of imports of bank files."""
        return self.required("IMPORTS_TABLE")

    @property
    def import_bucket(self) -> str:
        """The S3 bucket of bank files and their rows, which expire."""
        return self.required("IMPORT_BUCKET")

    @property
    def quarantine_queue_url(self) -> str:
        """The SQS queue that stores records which can never be projected (dead letters)."""
        return self.required("QUARANTINE_QUEUE_URL")

    @property
    def state_machine_arn(self) -> str:
        """The state machine that closes days: each night, or when a merchant requests it."""
        return self.required("STATE_MACHINE_ARN")

    @property
    def signing_key_id(self) -> str:
        """The KMS key (ECC_NIST_P256) that seals closings: its id, ARN or alias."""
        return self.required("SIGNING_KEY_ID")

    @property
    def seal_bucket(self) -> str:
        """The S3 bucket that retains closings."""
        return self.required("SEAL_BUCKET")

    @property
    def event_bus(self) -> str:
        """The EventBridge bus to which closed days are published."""
        return self.required("EVENT_BUS")

    @property
    def user_pool_id(self) -> str:
        """The Cognito user pool whose tokens are accepted."""
        return self.required("USER_POOL_ID")

    @property
    def sign_in_url(self) -> str:
        """The address of the user pool's hosted sign-in, without a slash at the end."""
        return self.required("SIGN_IN_URL")

    @property
    def people_client_id(self) -> str:
        """The public client of the user pool with which people sign in on the pages."""
        return self.required("PEOPLE_CLIENT_ID")

    @property
    def canary_client_id(self) -> str:
        """The machine client with which the canary gets its tokens."""
        return self.required("CANARY_CLIENT_ID")

    @property
    def canary_secret(self) -> str:
        """The parameter of Systems Manager that holds the secret of the canary's client."""
        return self.required("CANARY_SECRET")

    @property
    def ipv6_only_hosts(self) -> list[str]:
        """The services' names that have IPv4 addresses to which the functions have no route."""
        return [name for name in self.variables.get("IPV6_ONLY_HOSTS", "").split(",") if name]

    @property
    def database(self) -> "DatabaseSettings":
        """How to reach the read model."""
        return DatabaseSettings(
            host=self.required("DATABASE_HOST"),
            port=int(self.variables.get("DATABASE_PORT", "5432")),
            name=self.variables.get("DATABASE_NAME", "livro_caixa"),
            tls=self.variables.get("DATABASE_TLS", "verify") != "off",
            iam=self.variables.get("DATABASE_AUTH", "iam") != "trust",
            authorities=self.variables.get("DATABASE_AUTHORITIES") or str(AMAZON_RDS),
        )

    @property
    def redis(self) -> "RedisSettings | None":
        """How to reach Redis; None in a deployment without Redis, which is only slower."""
        host = self.variables.get("REDIS_HOST", "")
        if not host:
            return None
        return RedisSettings(
            host=host,
            port=int(self.variables.get("REDIS_PORT", "6379")),
            tls=self.variables.get("REDIS_TLS", "on") != "off",
            user=self.variables.get("REDIS_USER") or None,
            group=self.variables.get("REDIS_GROUP", ""),
        )

    @property
    def under_chalice_cli(self) -> bool:
        """Whether the Chalice CLI runs the application; `chalice local` does not verify tokens."""
        return bool(self.variables.get("AWS_CHALICE_CLI_MODE"))


class DatabaseSettings(NamedTuple):
    """How to reach PostgreSQL: with verified TLS and an IAM token unless a setting turns them off.

    `authorities` is a PEM file of certificates, one of which must have signed the server's.
    """

    host: str
    port: int
    name: str
    tls: bool
    iam: bool
    authorities: str


class RedisSettings(NamedTuple):
    """How to reach Redis or Valkey; a `user` authenticates to the replication group by IAM."""

    host: str
    port: int
    tls: bool
    user: str | None
    group: str


@once
def current() -> Settings:
    """Return the settings of this process, read from its environment at the first call."""
    return Settings(dict(os.environ))


def user_pool_arn() -> str:
    """Return the ARN of the user pool; app.py reads it at import.

    While packaging, it is a placeholder, because the deployed template sets the real one.
    """
    return os.environ.get(
        "USER_POOL_ARN", "arn:aws:cognito-idp:us-east-1:000000000000:userpool/none"
    )


def entries_stream_arn() -> str:
    """Return the ARN of the stream of the ledger's table; a placeholder like user_pool_arn()."""
    return os.environ.get(
        "ENTRIES_STREAM_ARN", "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/none"
    )


def require_prepared_stage() -> None:
    """End `chalice deploy` of an unprepared stage with one sentence; app.py calls it at import.

    Only `make deploy` fills in a stage's permissions and settings, its name (STAGE) among them.
    Chalice has no hook before a deployment: it only imports app.py, with these variables set.
    """
    deploying = "deploy" in sys.argv and os.environ.get("AWS_CHALICE_CLI_MODE")
    if deploying and not os.environ.get("STAGE"):
        raise SystemExit("This stage is not prepared: run `make deploy STAGE=<name>` instead.")


def in_lambda() -> bool:
    """Return whether AWS Lambda, or an emulator of it, runs this process."""
    return bool(os.environ.get("LAMBDA_TASK_ROOT"))


def trace_header() -> str | None:
    """Return the trace header of the current invocation; Lambda sets it for each."""
    return os.environ.get("_X_AMZN_TRACE_ID")


def tracing_daemon() -> str | None:
    """Return the address of the X-Ray daemon, or None where none runs."""
    return os.environ.get("AWS_XRAY_DAEMON_ADDRESS") or None
