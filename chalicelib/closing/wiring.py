"""The ports of a deployment, created at first use and kept by the process."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.closing.aws import EventPublisher, KmsSigner, SealArchive
from chalicelib.closing.read_model import ClosingStore
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once
from chalicelib.storage.postgres import Connections
from chalicelib.storage.seal_bucket import key_name

if TYPE_CHECKING:
    from chalicelib.closing.ledger_reads import LedgerReads
    from chalicelib.closing.ports import Ports, Repair
    from chalicelib.closing.run_summary import RunSummaries

ROLE = "livro_closer"
TIMEOUT_SECONDS = 60.0
"""A little more than the role's statement_timeout, so that the server cancels first."""


def ports(repair: "Repair") -> "Ports":
    """Return this process's ports; `repair` is the projection's, not imported here."""
    from chalicelib.closing.ports import Ports
    from chalicelib.closing.public_keys import BucketKeys

    return Ports(
        ledger=ledger(),
        read_model=read_model(),
        repair=repair,
        signer=signer(),
        keys=BucketKeys(_archive(), read_model()),
        archive=_archive(),
        events=EventPublisher(clients.aws("events"), settings.current().event_bus),
        clock=lambda: datetime.now(UTC),
    )


@once
def signer() -> KmsSigner:
    """Return the deployment's signer."""
    return KmsSigner(clients.aws("kms"), settings.current().signing_key_id, _publish)


@once
def ledger() -> "LedgerReads":
    """Return the reads of the deployment's table."""
    from chalicelib.closing.ledger_reads import LedgerReads

    return LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)


@once
def run_summaries() -> "RunSummaries":
    """Return the summaries of runs in the deployment's table."""
    from chalicelib.closing.run_summary import RunSummaries

    return RunSummaries(clients.aws("dynamodb"), settings.current().entries_table)


@once
def read_model() -> ClosingStore:
    """Return the deployment's read model, over one connection that is kept."""
    return ClosingStore(Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS)))


def _archive() -> SealArchive:
    return SealArchive(clients.aws("s3"), settings.current().seal_bucket)


def _publish(key_id: str, public_key: str) -> None:
    _archive().put(key_name(key_id), public_key.encode())
    read_model().store_key(key_id, public_key)
