"""The only maker of clients: one each a process, made at first use, failing fast."""

import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.runtime import settings

if TYPE_CHECKING:
    import ssl

    import pg8000.native
    import redis

    from chalicelib.runtime.iam_tokens import Signer

BATCH_WORKERS = 16
REDIS_TIMEOUT_SECONDS = 0.05
DATABASE_TIMEOUT_SECONDS = 1.0
_MAKING = threading.Lock()


def aws(service: str) -> Any:
    """Return the boto3 client of a service; it is shared by threads.

    A call gives up after 1 s to connect and 2 s to answer, tried three times at most.
    """
    # One thread makes it and the others wait: a session is not for two threads, and a client costs
    # too much for each of 200 first requests to make its own.
    with _MAKING:
        return _aws_client(service)


def aws_failures() -> tuple[type[Exception], ...]:
    """Return what a client of aws() raises when a call does not succeed."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


@lru_cache(maxsize=1)
def fast_memory() -> "redis.Redis | None":
    """Return the Redis client, or None where the deployment has no Redis.

    50 ms a call, no retries: who asks must go on without an answer.
    """
    place = settings.current().redis
    if place is None:
        return None
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis(
        host=place.host,
        port=place.port,
        ssl=place.tls,
        ssl_ca_certs=_public_authorities() if place.tls else None,
        credential_provider=_cache_credentials(place),
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def database(role: str, timeout: float = DATABASE_TIMEOUT_SECONDS) -> "pg8000.native.Connection":
    """Return a new connection to the read model as one of its roles.

    `timeout` is in seconds and holds for connecting and for each answer, so that a frozen server
    is noticed. It is not thread-safe: one thread at a time.
    """
    import pg8000.native

    place = settings.current().database
    connection = pg8000.native.Connection(
        role,
        host=place.host,
        port=place.port,
        database=place.name,
        password=_database_token(role) if place.iam else None,
        ssl_context=_believing(place.authorities) if place.tls else False,
        timeout=timeout,
        tcp_keepalive=True,
        application_name="livro-caixa",
    )
    _without_delay(connection)
    return connection


def _database_token(role: str) -> str:
    place = settings.current().database
    return _signer().database_token(place.host, place.port, role)


@lru_cache(maxsize=1)
def _believing(authorities: str) -> "ssl.SSLContext":
    # Built once: reading certificates takes longer than a query. It checks the host's name too.
    import ssl

    return ssl.create_default_context(cafile=authorities)


def _public_authorities() -> str:
    # The ones that the AWS clients believe too: ElastiCache has its certificates from Amazon Trust.
    from botocore.httpsession import get_cert_path

    return str(get_cert_path(True))


def _cache_credentials(place: "settings.RedisSettings") -> Any:
    if place.user is None:
        return None
    from chalicelib.runtime.iam_tokens import CacheCredentials

    return CacheCredentials(_signer(), place.group, place.user)


@lru_cache(maxsize=1)
def _signer() -> "Signer":
    from chalicelib.runtime.iam_tokens import Signer

    with _MAKING:
        session = _session()
        return Signer(session.get_credentials(), session.region_name)


def _without_delay(connection: "pg8000.native.Connection") -> None:
    # pg8000 leaves Nagle's algorithm on, which makes a batch of parameters 6 to 8 times slower.
    import socket

    connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@cache
def _aws_client(service: str) -> Any:
    return _session().client(service, config=_client_config())


@lru_cache(maxsize=1)
def _session() -> Any:
    import boto3

    return boto3.Session()


def _client_config() -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=BATCH_WORKERS,
    )
