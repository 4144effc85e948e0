"""The only maker of clients: each is made at first use, shared by the process, and fails fast."""

import json
import threading
from typing import TYPE_CHECKING, Any

from chalicelib.runtime import settings
from chalicelib.runtime.wiring import once

if TYPE_CHECKING:
    import ssl

    import pg8000.native
    from redis import Redis

    from chalicelib.runtime.iam_tokens import Signer

BATCH_WORKERS = 16
REDIS_TIMEOUT_SECONDS = 0.05
DATABASE_TIMEOUT_SECONDS = 1.0
# To connect takes TCP, TLS and IAM, which verifies the token elsewhere; a response takes none.
REDIS_CONNECT_SECONDS = 0.5
DATABASE_CONNECT_SECONDS = 4.0
_USER_AGENT = "livro-caixa"
"""botocore builds a longer one for each call, twice, which is a fifth of the call's CPU time."""
_SESSION_USE = threading.Lock()
"""A botocore session is not thread-safe, and two functions here use it."""


@once
def aws(service: str) -> Any:
    """Return the botocore client of a service; threads share it.

    A call gives up after 1 s to connect and 2 s to respond, and is tried at most three times.
    """
    from botocore.config import Config

    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 3},
        user_agent=_USER_AGENT,
        max_pool_connections=BATCH_WORKERS,
    )
    with _SESSION_USE:
        client = _session().create_client(service, config=config)
    if service == "dynamodb":
        for operation in ("BatchGetItem", "Query", "Scan"):
            client.meta.events.register(f"before-parse.dynamodb.{operation}", _take_json)
    return client


def _take_json(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    # botocore would look up the type of every attribute of every item, which takes ten times as
    # long as parsing JSON, and changes nothing: the table has no binary attributes.
    if response_dict["status_code"] == 200:
        customized_response_dict |= json.loads(response_dict["body"])
        response_dict["body"] = b"{}"


def aws_failures() -> tuple[type[Exception], ...]:
    """Return the exceptions that a client of aws() raises when a call does not succeed."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


@once
def redis() -> "Redis | None":
    """Return the Redis client, or None where the deployment has no Redis.

    A call takes at most 50 ms and is not retried, since callers continue without a response. TCP,
    TLS and the authentication of a new connection may take 500 ms each.
    """
    place = settings.current().redis
    if place is None:
        return None
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    from chalicelib.runtime.redis_connection import LimitedConnection

    client = Redis(
        host=place.host,
        port=place.port,
        ssl=place.tls,
        ssl_ca_certs=_public_authorities() if place.tls else None,
        credential_provider=_redis_credentials(place),
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    pool = client.connection_pool
    pool.connection_class = type("Limited", (LimitedConnection, pool.connection_class), {})
    return client


def database(role: str, timeout: float = DATABASE_TIMEOUT_SECONDS) -> "pg8000.native.Connection":
    """Return a new connection to the read model as one of its roles.

    `timeout` in seconds limits each response, so that a frozen server is noticed; each step of
    connecting has 4 s. The connection is not thread-safe: only one thread may use it at a time.
    """
    import socket

    _load_when_used("scramp")  # only for passwords, which no stage has; its import takes 15 ms
    import pg8000.native

    place = settings.current().database
    connection = pg8000.native.Connection(
        role,
        host=place.host,
        port=place.port,
        database=place.name,
        password=_signer().database_token(place.host, place.port, role) if place.iam else None,
        ssl_context=_verifying_context(place.authorities) if place.tls else False,
        timeout=DATABASE_CONNECT_SECONDS,
        tcp_keepalive=True,
        application_name="livro-caixa",
    )
    # pg8000 leaves Nagle's algorithm on, which makes a batch of parameters 6 to 8 times slower.
    connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection._usock.settimeout(timeout)
    return connection


@once
def _verifying_context(authorities: str) -> "ssl.SSLContext":
    # Made once: reading certificates takes longer than a query. It verifies the host name, too.
    import ssl

    return ssl.create_default_context(cafile=authorities)


@once
def _load_when_used(module: str) -> None:
    # Without it, the importer of the module would load it (importlib, "Implementing lazy imports").
    import importlib.util
    import sys

    spec = importlib.util.find_spec(module)
    if module not in sys.modules and spec is not None and spec.loader is not None:
        spec.loader = importlib.util.LazyLoader(spec.loader)
        sys.modules[module] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[module])


def _public_authorities() -> str:
    # The bundle of the AWS clients: ElastiCache has its certificates from Amazon Trust Services.
    from botocore.httpsession import get_cert_path

    return str(get_cert_path(True))


def _redis_credentials(place: "settings.RedisSettings") -> Any:
    if place.user is None:
        return None
    from chalicelib.runtime.iam_tokens import RedisCredentials

    return RedisCredentials(_signer(), place.group, place.user)


@once
def _signer() -> "Signer":
    from chalicelib.runtime.iam_tokens import Signer

    with _SESSION_USE:
        session = _session()
        return Signer(session.get_credentials(), session.get_config_variable("region"))


@once
def _session() -> Any:
    # boto3 would take a third longer to import, and adds nothing that is used here.
    import botocore.session

    hosts = settings.current().ipv6_only_hosts
    if hosts:
        from chalicelib.runtime.ipv6_names import resolve_to_ipv6

        resolve_to_ipv6(hosts)
    return botocore.session.get_session()
