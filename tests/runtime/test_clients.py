"""Clients of a deployment in AWS: encrypted, with verified servers and short timeouts."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.runtime import clients, settings, wiring
from chalicelib.runtime.redis_connection import _LimitedSocket
from chalicelib.storage.postgres import is_database_failure
from local.stores.valkey import Valkey
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.encrypted import Doors

REGIONS = ("sa-east-1", "us-east-1")
Deployed = Callable[..., None]


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    made = Doors(tmp_path)
    yield made
    made.close()


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """Set environment variables of a deployment, and use them from now on."""

    def deploy(**variables: str) -> None:
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        wiring.reset()

    deploy(
        AWS_ACCESS_KEY_ID="nobody", AWS_SECRET_ACCESS_KEY="nothing", AWS_DEFAULT_REGION="sa-east-1"
    )
    yield deploy
    wiring.reset()


@pytest.fixture
def to_database(
    read_model_database: ReadModelDatabase, doors: Doors, deployed: Deployed
) -> Callable[..., None]:
    """Use the database through a door of this host, whose certificate the variables can change."""

    def use(host: str = "localhost", **variables: str) -> None:
        door = doors.before(read_model_database.port, host=host, postgres=True)
        place = {"DATABASE_HOST": "localhost", "DATABASE_NAME": read_model_database.name}
        way = {"DATABASE_PORT": f"{door.port}", "DATABASE_AUTHORITIES": f"{door.authority}"}
        deployed(**place | way | variables)

    return use


def test_database_connection_uses_tls(to_database: Deployed) -> None:
    to_database()
    connection = clients.database("livro_reader")
    try:
        assert isinstance(connection._usock, ssl.SSLSocket)
        assert connection.run("SELECT current_user") == [["livro_reader"]]
        assert connection.run("SELECT repeat('x', 300000)")[0][0] == "x" * 300_000
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("host", "authorities", "message"),
    [
        ("localhost", {"DATABASE_AUTHORITIES": ""}, "self-signed certificate"),  # not Amazon's
        ("elsewhere.example", {}, "Hostname mismatch"),
    ],
)
def test_database_of_another_certificate_is_rejected(
    to_database: Deployed, host: str, authorities: dict[str, str], message: str
) -> None:
    to_database(host, **authorities)
    with pytest.raises(ssl.SSLCertVerificationError, match=message) as caught:
        clients.database("livro_reader")
    assert is_database_failure(caught.value)


def test_database_without_tls_gets_no_token(
    read_model_database: ReadModelDatabase, to_database: Deployed
) -> None:
    to_database(DATABASE_PORT=f"{read_model_database.port}")
    with pytest.raises(Exception, match="Server refuses SSL"):
        clients.database("livro_reader")


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the calls of Redis the time that a busy machine needs."""
    monkeypatch.setattr(clients, "REDIS_TIMEOUT_SECONDS", 5.0)
    monkeypatch.setattr(clients, "REDIS_CONNECT_SECONDS", 5.0)


def test_redis_calls_are_short_and_not_repeated(deployed: Deployed) -> None:
    """Connecting, which takes TCP, TLS and IAM, may last ten times as long as a call."""
    deployed(REDIS_HOST="localhost")
    client = clients.redis()
    assert client is not None
    limits = client.connection_pool.connection_kwargs
    assert (limits["socket_connect_timeout"], limits["socket_timeout"]) == (0.5, 0.05)
    assert limits["retry"].get_retries() == 0


class Recorder:
    """A socket that records its timeouts."""

    def __init__(self) -> None:
        self.timeouts: list[float] = []

    def settimeout(self, seconds: float) -> None:
        self.timeouts.append(seconds)

    def sendall(self, content: bytes) -> None: ...


def test_only_the_handshake_has_longer() -> None:
    """Authentication by IAM counts as connecting; the calls after it do not."""
    plain = Recorder()
    limited = _LimitedSocket(plain, 0.5)
    limited.sendall(b"HELLO")
    limited.restart(0.05)
    limited.sendall(b"GET")
    handshake, call = plain.timeouts
    assert 0.05 < handshake <= 0.5
    assert 0 < call <= 0.05


def test_redis_of_another_authority_is_rejected(
    valkey: Valkey, doors: Doors, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    patient(monkeypatch)
    deployed(REDIS_HOST="localhost", REDIS_PORT=f"{doors.before(valkey.port).port}")
    client = clients.redis()
    assert client is not None
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        client.ping()


def test_redis_connection_uses_tls_and_its_user(
    valkey: Valkey, doors: Doors, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = doors.before(valkey.port)
    monkeypatch.setattr(clients, "_public_authorities", lambda: str(door.authority))
    patient(monkeypatch)
    deployed(REDIS_HOST="localhost", REDIS_PORT=f"{valkey.port}", REDIS_TLS="off")
    plain = clients.redis()
    assert plain is not None
    plain.acl_setuser("livro", enabled=True, nopass=True, keys=["*"], categories=["+@all"])
    encryption = {"REDIS_TLS": "on", "REDIS_USER": "livro", "REDIS_GROUP": "livro-caixa"}
    deployed(REDIS_PORT=f"{door.port}", **encryption)
    encrypted = clients.redis()
    assert encrypted is not None
    assert encrypted.acl_whoami() == "livro"
    encrypted.close()
    plain.acl_deluser("livro")
    plain.close()


def test_database_call_ends_within_1_s(
    read_model_database: ReadModelDatabase, to_database: Deployed
) -> None:
    to_database(
        DATABASE_PORT=f"{read_model_database.port}", DATABASE_TLS="off", DATABASE_AUTH="trust"
    )
    connection = clients.database("livro_reader")
    assert connection._usock.gettimeout() == 1.0
    connection.close()


def test_database_has_four_seconds_to_connect(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TCP, TLS and IAM may take more than the second that a response may take."""
    import pg8000.native

    timeouts = []

    def refuse(*_: Any, **options: Any) -> None:
        timeouts.append(options["timeout"])
        raise OSError("nowhere")

    monkeypatch.setattr(pg8000.native, "Connection", refuse)
    deployed(DATABASE_HOST="nowhere.example")
    with pytest.raises(OSError, match="nowhere"):
        clients.database("livro_reader", timeout=1.0)
    assert timeouts == [4.0]


def test_aws_call_has_timeouts_and_three_attempts(deployed: Deployed) -> None:
    deployed()
    config = clients.aws("sqs").meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.max_pool_connections == 16


def test_aws_call_has_a_short_user_agent(deployed: Deployed) -> None:
    """botocore builds its longer one for each call again."""
    deployed()
    sent: list[str] = []
    client = clients.aws("sqs")

    def answer(request: Any, **_: Any) -> Any:
        sent.append(request.headers["User-Agent"].decode())
        raise ConnectionError

    client.meta.events.register("before-send.sqs", answer)
    with pytest.raises(ConnectionError):
        client.list_queues()
    assert sent == ["livro-caixa"]


def test_authorities_of_every_region_are_shipped() -> None:
    context = ssl.create_default_context(cafile=str(settings.AMAZON_RDS))
    certificates: Any = context.get_ca_certs()
    names = {dict(pair for (pair,) in cert["subject"])["commonName"] for cert in certificates}
    assert {f"Amazon RDS {region} Root CA ECC384 G1" for region in REGIONS} <= names
    assert all(name.endswith("Root CA ECC384 G1") for name in names)
    assert len(names) == settings.AMAZON_RDS.read_text().count("BEGIN CERTIFICATE")
