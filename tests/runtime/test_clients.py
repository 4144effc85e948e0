"""Clients as a deployment in AWS makes them: encrypted, and sure of whom they speak to."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import is_database_failure
from local.stores.valkey import Valkey
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.encrypted import Door, Doors

Deployed = Callable[..., None]


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    made = Doors(tmp_path)
    yield made
    made.close()


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """Say what a deployment says to its functions."""

    def say(**variables: str) -> None:
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        _forget()

    say(AWS_ACCESS_KEY_ID="nobody", AWS_SECRET_ACCESS_KEY="nothing", AWS_DEFAULT_REGION="sa-east-1")
    yield say
    _forget()


def _forget() -> None:
    made = (clients.fast_memory, clients._session, clients._signer, clients._aws_client)
    for remembered in (settings.current, *made):
        remembered.cache_clear()


def to_database(read_model: ReadModelDatabase, door: Door, deployed: Deployed) -> None:
    deployed(
        DATABASE_HOST="localhost",
        DATABASE_PORT=str(door.port),
        DATABASE_NAME=read_model.name,
        DATABASE_AUTHORITIES=str(door.authority.file),
    )


def to_valkey(server: Valkey, port: int, deployed: Deployed, **more: str) -> None:
    deployed(REDIS_HOST="localhost", REDIS_PORT=str(port), **more)


def test_the_read_model_is_reached_through_tls(
    read_model_database: ReadModelDatabase, doors: Doors, deployed: Deployed
) -> None:
    to_database(
        read_model_database, doors.before(read_model_database.port, postgres=True), deployed
    )
    connection = clients.database("livro_reader")
    try:
        assert isinstance(connection._usock, ssl.SSLSocket)
        assert connection.run("SELECT current_user") == [["livro_reader"]]
        assert connection.run("SELECT repeat('x', 300000)")[0][0] == "x" * 300_000
    finally:
        connection.close()


def test_a_database_of_another_authority_is_not_believed(
    read_model_database: ReadModelDatabase, doors: Doors, deployed: Deployed
) -> None:
    door = doors.before(read_model_database.port, postgres=True)
    to_database(read_model_database, door, deployed)
    deployed(DATABASE_AUTHORITIES="")  # Amazon's own, which did not sign for this door
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        clients.database("livro_reader")
    assert is_database_failure(refused.value)


def test_a_database_under_another_name_is_not_believed(
    read_model_database: ReadModelDatabase, doors: Doors, deployed: Deployed
) -> None:
    door = doors.before(read_model_database.port, host="elsewhere.example", postgres=True)
    to_database(read_model_database, door, deployed)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        clients.database("livro_reader")


def test_a_database_without_encryption_gets_no_token(
    read_model_database: ReadModelDatabase, deployed: Deployed
) -> None:
    deployed(
        DATABASE_HOST="localhost",
        DATABASE_PORT=str(read_model_database.port),
        DATABASE_NAME=read_model_database.name,
    )
    with pytest.raises(Exception, match="Server refuses SSL"):
        clients.database("livro_reader")


def test_fast_memory_is_reached_through_tls_and_as_its_user(
    valkey: Valkey, doors: Doors, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = doors.before(valkey.port)
    monkeypatch.setattr(clients, "_public_authorities", lambda: str(door.authority.file))
    monkeypatch.setattr(clients, "REDIS_TIMEOUT_SECONDS", 5.0)
    to_valkey(valkey, valkey.port, deployed, REDIS_TLS="off")
    plain = clients.fast_memory()
    assert plain is not None
    plain.acl_setuser("livro", enabled=True, nopass=True, keys=["*"], categories=["+@all"])
    to_valkey(
        valkey, door.port, deployed, REDIS_TLS="on", REDIS_USER="livro", REDIS_GROUP="livro-caixa"
    )
    encrypted = clients.fast_memory()
    assert encrypted is not None
    assert encrypted.acl_whoami() == "livro"
    encrypted.close()
    plain.acl_deluser("livro")
    plain.close()


def test_fast_memory_of_an_unknown_authority_is_not_believed(
    valkey: Valkey, doors: Doors, deployed: Deployed
) -> None:
    import redis

    to_valkey(valkey, doors.before(valkey.port).port, deployed)
    memory = clients.fast_memory()
    assert memory is not None
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        memory.ping()


def test_fast_memory_answers_in_50_ms_or_not_at_all(deployed: Deployed) -> None:
    deployed(REDIS_HOST="localhost", REDIS_PORT="1")
    memory = clients.fast_memory()
    assert memory is not None
    limits = memory.connection_pool.connection_kwargs
    assert (limits["socket_connect_timeout"], limits["socket_timeout"]) == (0.05, 0.05)
    assert limits["retry"].get_retries() == 0


def test_the_read_model_answers_in_1_s_or_not_at_all(
    read_model_database: ReadModelDatabase, deployed: Deployed
) -> None:
    place = read_model_database
    deployed(
        DATABASE_HOST=place.host,
        DATABASE_PORT=str(place.port),
        DATABASE_NAME=place.name,
        DATABASE_TLS="off",
        DATABASE_AUTH="trust",
    )
    connection = clients.database("livro_reader")
    assert connection._usock.gettimeout() == 1.0
    connection.close()


def test_aws_answers_in_2_s_and_is_tried_3_times(deployed: Deployed) -> None:
    deployed()
    config = clients.aws("sqs").meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.max_pool_connections == 16


def test_amazons_authorities_are_shipped_for_every_region_and_are_in_force() -> None:
    context = ssl.create_default_context(cafile=str(settings.AMAZON_RDS))
    names = {dict(pair for (pair,) in one["subject"])["commonName"] for one in _told(context)}
    assert {
        f"Amazon RDS {region} Root CA ECC384 G1" for region in ("sa-east-1", "us-east-1")
    } <= names
    assert all(name.endswith("Root CA ECC384 G1") for name in names)
    assert len(names) == settings.AMAZON_RDS.read_text().count("BEGIN CERTIFICATE")


def _told(context: ssl.SSLContext) -> list[dict[str, tuple[tuple[tuple[str, str]]]]]:
    return context.get_ca_certs()  # type: ignore[return-value]
