"""The write side's ports of a deployment, made at the first use and kept by the process."""

from datetime import UTC, datetime

from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.executions import Executions
from chalicelib.commands.idempotency_cache import IdempotencyCache, LateCache, NullCache
from chalicelib.commands.merchant_settings import MerchantSettings
from chalicelib.commands.ports import Cache, CommandPorts
from chalicelib.ledger.encoding import urlsafe
from chalicelib.ledger.entries import SALT_BYTES
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once

_override: CommandPorts | None = None


def ports() -> CommandPorts:
    """Return this process's ports, made from its settings and clients at the first call."""
    if _override is not None:
        return _override
    return _deployed_ports()


def override(ports: CommandPorts) -> None:
    """Use these ports in this process until `reset`."""
    global _override  # noqa: PLW0603
    _override = ports


def reset() -> None:
    """Use the ports made from this process's settings and clients again."""
    global _override  # noqa: PLW0603
    _override = None


@once
def _deployed_ports() -> CommandPorts:
    deployed = settings.current()
    return CommandPorts(
        ledger=EntryRepository(clients.aws("dynamodb"), deployed.entries_table),
        cache=LateCache(_cache),
        # When it is needed, because most processes start no execution.
        execution_starter=lambda: (
            Executions(clients.aws("stepfunctions"), deployed.state_machine_arn).start
        ),
        clock=lambda: datetime.now(UTC),
        salt=random_salt,
        zone=deployed.business_zone,
    )


def _cache() -> Cache:
    redis_client = clients.redis()
    if redis_client is None:
        return NullCache()
    return IdempotencyCache(redis_client, settings.current().entries_table)


@once
def merchant_settings() -> MerchantSettings:
    """Return this process's access to what merchants set up themselves."""
    return MerchantSettings(clients.aws("dynamodb"), settings.current().settings_table)


def random_salt() -> str:
    """Return a new salt: 16 random bytes as base64url."""
    import secrets

    return urlsafe(secrets.token_bytes(SALT_BYTES))
