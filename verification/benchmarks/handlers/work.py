"""The work behind the edge, the same for every framework: the ledger's own, over instant stores."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.commands.idempotency_cache import NullCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.wiring import random_salt
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.money import format_amount, parse_amount
from chalicelib.ledger.principal import Principal
from chalicelib.queries import freshness
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows, balances
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry, StoredItem
from verification.benchmarks.handlers.models import Freshness, SentEntry, ShownBalance, ShownEntry

_AS_OF = datetime(2026, 11, 23, 17, 5, 1, tzinfo=UTC)


class InstantLedger:
    """A ledger that stores nothing, so that every request is new."""

    def insert(self, _stored: StoredEntry) -> None:
        """Do nothing."""

    def insert_reversal(self, _stored: StoredEntry, _record: IdempotencyRecord) -> None:
        """Do nothing."""

    def insert_key(self, _record: IdempotencyRecord) -> None:
        """Do nothing."""

    def erase_texts(self, _entry_id: str, _record: IdempotencyRecord) -> None:
        """Do nothing."""

    def read(self, _entry_ids: Sequence[str]) -> Mapping[str, StoredItem]:
        """Return no item."""
        return {}


INSTANT = CommandPorts(
    ledger=InstantLedger(),
    cache=NullCache(),
    start_execution=lambda _name, _input: None,
    clock=lambda: datetime.now(UTC),
    salt=random_salt,
    zone=ZoneInfo("America/Sao_Paulo"),
)


class InstantReadModel:
    """A read model that knows one answer."""

    def balances(self, question: BalanceQuery) -> BalanceRows:
        """Return the same sums for any day."""
        totals: dict[date, Totals] = {question.first: Totals(15_075, 2_000, 3)}
        return BalanceRows(100_000, totals, freshness.Freshness(_AS_OF))


READ_MODEL = InstantReadModel()


def recorded(sent: SentEntry, body: Any, key: str, claims: Mapping[str, Any]) -> ShownEntry:
    """Record an entry and return it as it is answered."""
    draft = EntryDraft(
        type=sent.type,
        amount_minor=parse_amount(sent.amount, sent.currency),
        currency=sent.currency,
        account=sent.account,
        occurred_at=sent.occurred_at.isoformat() if sent.occurred_at else None,
        description=sent.description,
        category=sent.category,
        metadata=sent.metadata,
    )
    principal = Principal(claims["merchant_id"], claims["sub"])
    entry = record(INSTANT, principal, RecordEntry(key, body, draft)).entry
    return ShownEntry(
        entry_id=entry.entry_id,
        type=entry.type,
        amount=sent.amount,
        currency=entry.currency,
        account=entry.account,
        occurred_at=entry.occurred_at,
        day=entry.day.isoformat(),
        description=entry.description,
        category=entry.category,
        metadata=dict(entry.metadata),
        recorded_at=entry.recorded_at,
        recorded_by=entry.recorded_by,
    )


def balance(
    day: str, account: str | None, currency: str, claims: Mapping[str, Any]
) -> ShownBalance:
    """Read a day's balance and return it as it is answered."""
    request = parse_day(day)
    question = BalanceQuery(claims["merchant_id"], request, request, account, currency)
    (result,), fresh = balances(READ_MODEL, question)
    return ShownBalance(
        day=result.day.isoformat(),
        account=account,
        currency=currency,
        opening=format_amount(result.opening_minor, currency),
        credits=format_amount(result.totals.credits_minor, currency),
        debits=format_amount(result.totals.debits_minor, currency),
        closing=format_amount(result.closing_minor, currency),
        entries=result.totals.entries,
        status=result.day_status.status,
        version=result.day_status.version,
        freshness=Freshness(as_of=fresh.as_of, complete=fresh.complete),
    )
