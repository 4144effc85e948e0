"""PostgreSQL and Valkey as they stand in AWS, and whether the application's calls fit them."""

from typing import Any

import pytest
from cfnlint.api import lint_file

from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.projection.dedup_cache import RedisDedupCache
from infrastructure.sizes import SIZES
from local.stores.valkey import Valkey
from tests.infrastructure.templates import FOLDER, only_on_aws, template, the


@pytest.fixture(scope="module")
def database() -> dict[str, Any]:
    return template("database")


@pytest.fixture(scope="module")
def fast_memory() -> dict[str, Any]:
    return template("fast_memory")


@pytest.mark.parametrize("name", ["database", "fast_memory"])
def test_cfn_lint_finds_nothing(name: str) -> None:
    assert lint_file(FOLDER / f"{name}.yaml") == []


def test_there_is_no_password_to_lose(database: dict[str, Any]) -> None:
    server = the(database, "AWS::RDS::DBInstance")
    assert server["MasterUserAuthenticationType"] == "iam-db-auth"
    assert server["EnableIAMDatabaseAuthentication"] is True
    assert not {"MasterUserPassword", "ManageMasterUserPassword"} & set(server)


def test_the_database_is_encrypted_guarded_and_private(database: dict[str, Any]) -> None:
    server = the(database, "AWS::RDS::DBInstance")
    settings = the(database, "AWS::RDS::DBParameterGroup")["Parameters"]
    assert (server["StorageEncrypted"], server["PubliclyAccessible"]) == (True, False)
    assert (settings["rds.force_ssl"], settings["ssl_min_protocol_version"]) == ("1", "TLSv1.2")
    assert server["DeletionProtection"] == {"Fn::If": ["Protected", True, False]}
    assert database["Resources"]["Database"]["DeletionPolicy"] == "Snapshot"
    assert database["Parameters"]["Protection"]["Default"] == "on"


def test_the_database_shows_a_certificate_that_the_functions_know(database: dict[str, Any]) -> None:
    assert the(database, "AWS::RDS::DBInstance")["CACertificateIdentifier"] == "rds-ca-ecc384-g1"


def test_the_log_holds_no_merchants_texts(database: dict[str, Any]) -> None:
    settings = the(database, "AWS::RDS::DBParameterGroup")["Parameters"]
    assert settings["log_parameter_max_length"] == "0"
    assert settings["log_parameter_max_length_on_error"] == "0"


def test_the_fast_memory_is_encrypted_and_lets_iam_decide(fast_memory: dict[str, Any]) -> None:
    group = the(fast_memory, "AWS::ElastiCache::ReplicationGroup")
    assert (group["TransitEncryptionEnabled"], group["TransitEncryptionMode"]) == (True, "required")
    assert group["AtRestEncryptionEnabled"] is True
    user = the(fast_memory, "AWS::ElastiCache::User")
    assert user["AuthenticationMode"] == {"Type": "iam"}
    assert user["UserId"] == user["UserName"]


def test_what_the_emulator_cannot_make_is_known(
    database: dict[str, Any], fast_memory: dict[str, Any]
) -> None:
    assert only_on_aws(database) == {"Database"}
    assert only_on_aws(fast_memory) == {"Functions", "Users", "FastMemory"}


def test_the_functions_user_may_do_what_the_application_does_and_no_more(
    valkey: Valkey, fast_memory: dict[str, Any]
) -> None:
    import redis

    rights = the(fast_memory, "AWS::ElastiCache::User")["AccessString"]
    administrator = redis.Redis(valkey.host, valkey.port)
    words = ["ACL", "SETUSER", "deployed", "reset", "nopass", *rights.split()]
    administrator.execute_command(*words)  # type: ignore[no-untyped-call]
    user = redis.Redis(
        valkey.host, valkey.port, username="deployed", password="any", decode_responses=True
    )
    try:
        processed = RedisDedupCache(user)
        processed.remember(["one"])
        assert processed.known(["one", "two"]) == {"one"}
        assert IdempotencyCache(user).get("padaria", ["a" * 32]) == {}
        assert user.set("replay:x", "1", nx=True, ex=60)
        assert user.ping()
        for refused in (user.flushall, user.keys, user.config_get, lambda: user.set("other", "1")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                refused()
    finally:
        administrator.acl_deluser("deployed")
        administrator.delete("replay:x")
        user.close()
        administrator.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_parameter_of_a_size_is_one_of_its_template(size: Any) -> None:
    for name, parameters in (
        ("network", size.network),
        ("database", size.database),
        ("fast_memory", size.fast_memory or {}),
    ):
        assert set(parameters) <= set(template(name)["Parameters"])


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_no_more_connections_are_opened_than_the_database_takes(size: Any) -> None:
    assert size.sessions() <= int(size.database["MaxConnections"])
