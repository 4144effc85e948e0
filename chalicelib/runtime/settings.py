"""The only reader of the environment: what a deployment is told, with the values that are safe.

Read once a process, at the first use and never at import, but for the two names that Chalice's
decorators need.
"""

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.ledger.errors import LivroCaixaError

# Lambda's own store of certificates knows the public authorities alone, and RDS has its own.
AMAZON_RDS = Path(__file__).with_name("certificates") / "amazon-rds.pem"
_NOWHERE = "arn:aws:"


class MissingSettingError(LivroCaixaError):
    """A function was deployed without a setting that it needs; the message names it."""


class Settings(NamedTuple):
    """One deployment's settings; a value that is absent raises MissingSettingError where it is asked."""

    variables: Mapping[str, str]

    def required(self, name: str) -> str:
        """Return a variable's text; raise MissingSettingError when it is absent or empty."""
        value = self.variables.get(name, "")
        if not value:
            raise MissingSettingError(
                f"The environment variable {name} is not set; the deployment must."
            )
        return value

    @property
    def stage(self) -> str:
        """The deployment's stage, such as "laptop" or "production"."""
        return self.variables.get("STAGE", "local")

    @property
    def business_zone(self) -> ZoneInfo:
        """The time zone whose midnights part business days."""
        name = self.variables.get("BUSINESS_TIME_ZONE", "America/Sao_Paulo")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise MissingSettingError(
                f"BUSINESS_TIME_ZONE {name!r} is no IANA time zone."
            ) from None

    @property
    def entries_table(self) -> str:
        """The DynamoDB table of entries: the ledger itself."""
        return self.required("ENTRIES_TABLE")

    @property
    def clients_table(self) -> str:
        """The DynamoDB table that maps machine clients to their merchants."""
        return self.required("CLIENTS_TABLE")

    @property
    def quarantine_queue_url(self) -> str:
        """The SQS queue where records that can never be projected are kept whole."""
        return self.required("QUARANTINE_QUEUE_URL")

    @property
    def state_machine_arn(self) -> str:
        """The state machine that consolidates days: each night, or one merchant's when asked."""
        return self.required("STATE_MACHINE_ARN")

    @property
    def signing_key_id(self) -> str:
        """The KMS key (ECC_NIST_P256) that seals closings: its id, ARN or alias."""
        return self.required("SIGNING_KEY_ID")

    @property
    def seal_bucket(self) -> str:
        """The S3 bucket where closings are kept under retention."""
        return self.required("SEAL_BUCKET")

    @property
    def event_bus(self) -> str:
        """The EventBridge bus on which closed days are announced."""
        return self.required("EVENT_BUS")

    @property
    def user_pool_id(self) -> str:
        """The Cognito user pool whose tokens are believed."""
        return self.required("USER_POOL_ID")

    @property
    def canary_client_id(self) -> str:
        """The machine client by which the canary asks for tokens."""
        return self.required("CANARY_CLIENT_ID")

    @property
    def database(self) -> "DatabaseSettings":
        """Where the read model is."""
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
        """Where the fast memory is; None where a deployment has none, which costs speed alone."""
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
        """Whether `chalice local` serves, which verifies no token by itself."""
        return bool(self.variables.get("AWS_CHALICE_CLI_MODE"))


class DatabaseSettings(NamedTuple):
    """How to reach PostgreSQL: with TLS that is verified and IAM tokens unless told otherwise.

    `authorities` is a file of certificates (PEM), one of which must have signed the server's.
    """

    host: str
    port: int
    name: str
    tls: bool
    iam: bool
    authorities: str


class RedisSettings(NamedTuple):
    """How to reach Redis or Valkey; with a `user`, IAM signs it in to the replication group."""

    host: str
    port: int
    tls: bool
    user: str | None
    group: str


@lru_cache(maxsize=1)
def current() -> Settings:
    """Return this process's settings, read from its environment at the first call."""
    return Settings(dict(os.environ))


def user_pool_arn() -> str:
    """Return the user pool that the gateway's authorizer asks; read at import by app.py.

    Harmless where absent: templates set it when they are deployed.
    """
    return os.environ.get(
        "USER_POOL_ARN", f"{_NOWHERE}cognito-idp:us-east-1:000000000000:userpool/none"
    )


def entries_stream_arn() -> str:
    """Return the stream of the ledger's table; read at import by app.py, harmless where absent."""
    return os.environ.get(
        "ENTRIES_STREAM_ARN", f"{_NOWHERE}dynamodb:us-east-1:000000000000:table/none/stream/none"
    )


def require_prepared_stage() -> None:
    """Stop `chalice deploy` of a stage that is not prepared; called at import by app.py.

    Chalice imports app.py with the stage's environment variables, and only `make deploy`, which
    fills in the stage's permissions and settings, prepares a stage that has a name there.
    """
    deploying = "deploy" in sys.argv and os.environ.get("AWS_CHALICE_CLI_MODE")
    if deploying and not os.environ.get("STAGE"):
        raise SystemExit("This stage is not prepared: run `make deploy STAGE=<name>` instead.")


def in_lambda() -> bool:
    """Say whether AWS Lambda, or an emulator of it, runs this process."""
    return bool(os.environ.get("LAMBDA_TASK_ROOT"))


def trace_header() -> str | None:
    """Return the trace header of the present run; Lambda sets another one for each."""
    return os.environ.get("_X_AMZN_TRACE_ID")


def tracing_daemon() -> str | None:
    """Return where the X-Ray daemon listens, None where there is none."""
    return os.environ.get("AWS_XRAY_DAEMON_ADDRESS") or None
