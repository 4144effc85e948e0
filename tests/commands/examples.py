"""Principals, requests and ports for the tests of the write side."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.idempotency_cache import NullCache
from chalicelib.commands.ports import Cache, CommandPorts
from chalicelib.commands.record import RecordEntry
from chalicelib.commands.reverse import ReversalRequest
from chalicelib.commands.start_closing import ClosingRequest
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.money import parse_amount
from chalicelib.ledger.principal import Principal
from tests.fixtures.ledger_table import LedgerTable

NOON = datetime(2026, 11, 23, 15, 0, 0, 123456, tzinfo=UTC)
PADARIA = Principal("padaria", "joana", "Root=1-67891233-abcdef012345678912345678;Sampled=1")
RIVAL = Principal("rival", "rui")
_SALTS = count(1)


def ports_over(
    table: LedgerTable,
    cache: Cache | None = None,
    now: datetime = NOON,
    client: Any = None,
) -> CommandPorts:
    """Return ports over the emulated table, with a stopped clock and never the same salt twice."""
    return CommandPorts(
        ledger=EntryRepository(client or table.client, table.name, pause=lambda _: None),
        cache=cache or NullCache(),
        execution_starter=lambda: lambda _name, _text: None,
        clock=lambda: now,
        salt=lambda: f"salt-{next(_SALTS):017}",
        zone=ZoneInfo("America/Sao_Paulo"),
    )


def sale(key: str, amount: str = "150.75", **more: Any) -> RecordEntry:
    """Return a request to record a credit in BRL; `more` are other fields of the body."""
    body = {"type": "credit", "amount": amount, **more}
    fields = {name: value for name, value in more.items() if value is not None}
    draft = EntryDraft(**{**fields, "type": "credit", "amount_minor": parse_amount(amount, "BRL")})
    return RecordEntry(key, body, draft)


def reversal(target_id: str, key: str, reason: str = "Cliente desistiu") -> ReversalRequest:
    """Return a request to reverse an entry."""
    return ReversalRequest(target_id, key, {"reason": reason}, reason)


def closing_request(day: str) -> ClosingRequest:
    """Return a request to close a day under the key "c1"."""
    return ClosingRequest(date.fromisoformat(day), "c1", {"day": day})


SOLD = sale(
    "sold",
    account="bank",
    category="sales",
    description="Maria, CPF 123.456.789-09",
    metadata={"order": "A-17"},
)
