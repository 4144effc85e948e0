"""The ports of a deployment, made at the first use and kept by the process."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.closing.aws import announcer, archiver, retriever, signer, superseder, verifier
from chalicelib.closing.read_model import ClosingStore
from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import Connections

if TYPE_CHECKING:
    from chalicelib.closing.ledger_reads import LedgerReads
    from chalicelib.closing.ports import Ports, Repair

ROLE = "livro_closer"
TIMEOUT_SECONDS = 60.0
"""A little more than the role's own statement_timeout, so that the server speaks first."""


def real(repair: "Repair") -> "Ports":
    """Return this process's ports; `repair` is the projection's, which this room cannot know."""
    from chalicelib.closing.ports import Ports

    deployed = settings.current()
    return Ports(
        ledger=ledger(),
        books=books(),
        repair=repair,
        sign=sign(),
        verify=verifier(clients.aws("kms"), _publish),
        archive=archiver(clients.aws("s3"), deployed.seal_bucket),
        supersede=superseder(clients.aws("s3"), deployed.seal_bucket),
        retained=retriever(clients.aws("s3"), deployed.seal_bucket),
        announce=announcer(clients.aws("events"), deployed.event_bus),
        clock=lambda: datetime.now(UTC),
    )


@lru_cache(maxsize=1)
def sign() -> Callable[[bytes], tuple[str, str]]:
    """Return what signs, and keeps a key's public half in bucket and read model at first use."""
    return signer(clients.aws("kms"), settings.current().signing_key_id, _publish)


def _publish(key_id: str, public_key: str) -> None:
    archive = archiver(clients.aws("s3"), settings.current().seal_bucket)
    archive(f"keys/{key_id}.pem", public_key.encode())
    books().keep_key(key_id, public_key)


@lru_cache(maxsize=1)
def ledger() -> "LedgerReads":
    """Return the reads of the deployment's table."""
    from chalicelib.closing.ledger_reads import LedgerReads

    return LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)


@lru_cache(maxsize=1)
def books() -> ClosingStore:
    """Return the deployment's read model, over one kept connection."""
    return ClosingStore(Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS)))
