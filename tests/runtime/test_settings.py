"""Settings: safe defaults for optional variables, and errors that name required ones."""

from zoneinfo import ZoneInfo

import pytest

from chalicelib.runtime.settings import MissingSettingError, Settings

REQUIRED = {
    "ENTRIES_TABLE": "entries_table",
    "CLIENTS_TABLE": "clients_table",
    "QUARANTINE_QUEUE_URL": "quarantine_queue_url",
    "USER_POOL_ID": "user_pool_id",
    "DATABASE_HOST": "database",
}


@pytest.mark.parametrize(("variable", "name"), sorted(REQUIRED.items()))
@pytest.mark.parametrize("environment", [{}, dict.fromkeys(REQUIRED, "")])
def test_missing_required_variable_is_named(
    variable: str, name: str, environment: dict[str, str]
) -> None:
    with pytest.raises(MissingSettingError, match=variable):
        getattr(Settings(environment), name)


def test_defaults_are_safe() -> None:
    defaults = Settings({"DATABASE_HOST": "db", "REDIS_HOST": "cache"})
    database = defaults.database
    assert defaults.business_zone == ZoneInfo("America/Sao_Paulo")
    assert (database.tls, database.iam, database.port) == (True, True, 5432)
    assert defaults.redis is not None
    assert (defaults.redis.tls, defaults.redis.port) == (True, 6379)
    assert not defaults.under_chalice_cli


def test_deployment_may_set_every_default() -> None:
    laptop = Settings(
        {
            "DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": "5433", "DATABASE_TLS": "off",
            "DATABASE_AUTH": "trust", "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "6380",
            "REDIS_TLS": "off", "BUSINESS_TIME_ZONE": "Asia/Tokyo",
        }
    )  # fmt: skip
    assert (laptop.database.tls, laptop.database.iam, laptop.database.port) == (False, False, 5433)
    assert laptop.redis is not None
    assert (laptop.redis.tls, laptop.redis.port) == (False, 6380)
    assert laptop.business_zone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("value", ["on", "", "OFF", "no", "false", "0", "trust"])
def test_only_off_turns_encryption_off(value: str) -> None:
    deployed = Settings(
        {"DATABASE_HOST": "db", "DATABASE_TLS": value, "REDIS_HOST": "cache", "REDIS_TLS": value}
    )
    assert deployed.redis is not None
    assert deployed.database.tls and deployed.redis.tls


def test_redis_is_optional() -> None:
    assert Settings({}).redis is None
    assert Settings({"REDIS_HOST": ""}).redis is None


@pytest.mark.parametrize("name", ["America/Springfield", "../etc/passwd", "", " ", "/etc/passwd"])
def test_invalid_time_zone_is_an_error(name: str) -> None:
    with pytest.raises(MissingSettingError, match="BUSINESS_TIME_ZONE"):
        _ = Settings({"BUSINESS_TIME_ZONE": name}).business_zone
