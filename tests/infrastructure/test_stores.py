"""The templates of PostgreSQL and Valkey, and whether they suit the application's calls."""

from typing import Any

import pytest

from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.projection.dedup_cache import RedisDedupCache
from infrastructure.sizes import SIZES
from local.stores.valkey import Valkey
from tests.infrastructure.templates import template, the


@pytest.fixture(scope="module")
def database() -> dict[str, Any]:
    return template("database")


@pytest.fixture(scope="module")
def redis_template() -> dict[str, Any]:
    return template("redis")


def test_database_has_no_password(database: dict[str, Any]) -> None:
    server = the(database, "AWS::RDS::DBInstance")
    assert server["MasterUserAuthenticationType"] == "iam-db-auth"
    assert server["EnableIAMDatabaseAuthentication"] is True
    assert not {"MasterUserPassword", "ManageMasterUserPassword"} & set(server)


def test_database_is_encrypted_protected_and_private(database: dict[str, Any]) -> None:
    server = the(database, "AWS::RDS::DBInstance")
    settings = the(database, "AWS::RDS::DBParameterGroup")["Parameters"]
    assert (server["StorageEncrypted"], server["PubliclyAccessible"]) == (True, False)
    assert (settings["rds.force_ssl"], settings["ssl_min_protocol_version"]) == ("1", "TLSv1.2")
    assert server["CACertificateIdentifier"] == "rds-ca-ecc384-g1"  # which the functions know
    assert server["DeletionProtection"] == {"Fn::If": ["Protected", True, False]}
    assert database["Resources"]["Database"]["DeletionPolicy"] == "Snapshot"
    assert database["Parameters"]["Protection"]["Default"] == "on"


def test_database_log_has_no_parameters(database: dict[str, Any]) -> None:
    settings = the(database, "AWS::RDS::DBParameterGroup")["Parameters"]
    assert settings["log_parameter_max_length"] == "0"
    assert settings["log_parameter_max_length_on_error"] == "0"


def test_redis_is_encrypted_and_uses_iam(redis_template: dict[str, Any]) -> None:
    group = the(redis_template, "AWS::ElastiCache::ReplicationGroup")
    assert (group["TransitEncryptionEnabled"], group["TransitEncryptionMode"]) == (True, "required")
    assert group["AtRestEncryptionEnabled"] is True
    user = the(redis_template, "AWS::ElastiCache::User")
    assert user["AuthenticationMode"] == {"Type": "iam"}
    assert user["UserId"] == user["UserName"]


def test_redis_user_has_exactly_the_needed_permissions(
    valkey: Valkey, redis_template: dict[str, Any]
) -> None:
    import redis

    permissions = the(redis_template, "AWS::ElastiCache::User")["AccessString"]
    administrator = redis.Redis(valkey.host, valkey.port)
    command = ["ACL", "SETUSER", "deployed", "reset", "nopass", *permissions.split()]
    administrator.execute_command(*command)  # type: ignore[no-untyped-call]
    user = redis.Redis(
        valkey.host, valkey.port, username="deployed", password="any", decode_responses=True
    )
    try:
        processed = RedisDedupCache(user, "entries")
        processed.add(["one"])
        assert processed.known(["one", "two"]) == {"one"}
        assert IdempotencyCache(user, "entries").get("padaria", ["a" * 32]) == {}
        assert user.set("replay:entries:x", "1", nx=True, ex=60)
        assert user.ping()
        for call in (user.flushall, user.keys, user.config_get, lambda: user.set("other", "1")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                call()
    finally:
        administrator.acl_deluser("deployed")
        administrator.delete("replay:entries:x")
        user.close()
        administrator.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_size_has_only_parameters_of_templates(size: Any) -> None:
    for name, parameters in (
        ("network", size.network),
        ("database", size.database),
        ("redis", size.redis or {}),
    ):
        assert set(parameters) <= set(template(name)["Parameters"])


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("shards", [0, 4, 180])
def test_database_accepts_all_connections(size: Any, shards: int) -> None:
    assert size.sessions(shards) <= int(size.database["MaxConnections"])


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_new_streams_shards_are_projected_at_once(size: Any) -> None:
    """A new on-demand table takes 4,000 writes a second: four partitions, a shard of each."""
    assert size.reservations()["projector"] > 4


# Of AWS's instance classes (RDS user guide).
MEMORY_MB = {"db.t4g.small": 2048, "db.m7g.large": 8192}
CONNECTION_MB, SYSTEM_MB = 6, 400


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_database_has_memory_for_iam(size: Any) -> None:
    """RDS user guide, limitations of IAM authentication: 300 to 1,000 MiB are needed beside it.

    All connections at once are counted, each at the memory of a session between statements.
    """
    database = size.database
    used = int(database["SharedBuffers"]) * 8 // 1024 + SYSTEM_MB
    used += CONNECTION_MB * int(database["MaxConnections"])
    assert MEMORY_MB[database["InstanceClass"]] - used >= 300
