"""The same two operations as handlers: this project's application, and bare Chalice + pydantic.

Both run the ledger's own commands and queries over stores that respond at once.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from chalice.app import Chalice, Response
from pydantic import AwareDatetime, BaseModel, Field

from chalicelib.commands import wiring
from chalicelib.commands.idempotency_cache import NullCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, record
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.money import format_amount, parse_amount
from chalicelib.ledger.principal import Principal
from chalicelib.queries import freshness
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows, balances
from chalicelib.storage.dynamodb_items import ImportMark, StoredItem
from verification.kit.generators import ZONE

_AS_OF = datetime(2026, 11, 23, 17, 5, 1, tzinfo=UTC)
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Key = Annotated[str, Field(max_length=40)]
Text = Annotated[str, Field(max_length=200)]


class InstantLedger:
    """A ledger that stores nothing, so that every request is new."""

    def insert(self, *_: object) -> None:
        """Do nothing."""

    insert_reversal = insert_key = replace_key = erase_texts = put_correction = insert

    def insert_unless(self, *_: object, **_named: object) -> bool:
        """Do nothing, with success."""
        return True

    insert_claim = insert_unless

    def read(self, _entry_ids: Sequence[str]) -> Mapping[str, StoredItem]:
        """Return no item."""
        return {}

    def import_marks(self, _entry_ids: Sequence[str]) -> Mapping[str, ImportMark]:
        """Return no mark."""
        return {}


class InstantReadModel:
    """A read model that returns the same sums for any day."""

    def balances(self, query: BalanceQuery) -> BalanceRows:
        """Return the sums of one day."""
        totals: dict[date, Totals] = {query.first: Totals(15_075, 2_000, 3)}
        return BalanceRows(100_000, totals, freshness.Freshness(_AS_OF))


READ_MODEL = InstantReadModel()
INSTANT = CommandPorts(
    ledger=InstantLedger(),
    cache=NullCache(),
    execution_starter=lambda: lambda _name, _input: None,
    clock=lambda: datetime.now(UTC),
    salt=wiring.random_salt,
    zone=ZONE,
)


def own_application() -> Any:
    """Return this project's application; the stores of this process are replaced for good."""
    import app
    from chalicelib.queries import wiring as queries_wiring

    wiring.override(INSTANT)
    # By name, because the type of what is replaced is narrower than what replaces it.
    setattr(queries_wiring, "read_model", lambda: READ_MODEL)  # noqa: B010
    return app.app


def bare_chalice() -> Any:
    """Return a Chalice application without checks, headers or log lines."""
    app = Chalice(app_name="bare", configure_logs=False)

    @app.route("/v1/entries", methods=["POST"])
    def record_entry() -> Response:
        request = app.current_request
        body, key = request.json_body, request.headers["Idempotency-Key"]
        entry = _recorded(EntryBody.model_validate(body), body, key, _claims(request))
        return Response(entry.model_dump(mode="json", by_alias=True), status_code=201)

    @app.route("/v1/daily-balances/{day}", methods=["GET"])
    def daily_balance(day: str) -> Response:
        request = app.current_request
        query = request.query_params or {}
        account, currency = query.get("account"), query.get("currency", "BRL")
        return Response(_balance(day, account, currency, _claims(request)).model_dump(mode="json"))

    return app


class EntryBody(BaseModel, extra="forbid", frozen=True):
    """A request for an entry."""

    type: Literal["credit", "debit"]
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,13}\.[0-9]{2}$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "BRL"
    account: Slug = "main"
    occurred_at: AwareDatetime | None = None
    description: Text | None = None
    category: Slug | None = None
    metadata: Annotated[dict[Key, Text], Field(max_length=20)] = {}


class EntryResponse(BaseModel):
    """A recorded entry."""

    entry_id: str = Field(serialization_alias="id")
    type: Literal["credit", "debit"]
    amount: str
    currency: str
    account: str
    occurred_at: str
    day: str
    description: str | None
    category: str | None
    recorded_category: str | None
    metadata: dict[str, str]
    recorded_at: datetime
    recorded_by: str
    reverses: str | None = None
    reversed_by: str | None = None


class Freshness(BaseModel):
    """How new a response is."""

    as_of: datetime | None
    complete: bool | None


class BalanceResponse(BaseModel):
    """A day's balance."""

    day: str
    account: str | None
    currency: str
    opening: str
    credits: str
    debits: str
    closing: str
    entries: int
    status: Literal["open", "closed", "restated"]
    version: int | None
    freshness: Freshness


def _claims(request: Any) -> Any:
    return request.context["authorizer"]["claims"]


def _recorded(body: EntryBody, content: Any, key: str, claims: Mapping[str, Any]) -> EntryResponse:
    draft = EntryDraft(
        type=body.type,
        amount_minor=parse_amount(body.amount, body.currency),
        currency=body.currency,
        account=body.account,
        occurred_at=body.occurred_at.isoformat() if body.occurred_at else None,
        description=body.description,
        category=body.category,
        metadata=body.metadata,
    )
    principal = Principal(claims["merchant_id"], claims["sub"])
    entry = record(INSTANT, principal, RecordEntry(key, content, draft)).entry
    shown = {"amount": body.amount, "day": entry.day.isoformat(), "metadata": dict(entry.metadata)}
    return EntryResponse(**entry._asdict() | shown, recorded_category=entry.category)


def _balance(
    day: str, account: str | None, currency: str, claims: Mapping[str, Any]
) -> BalanceResponse:
    parsed = parse_day(day)
    query = BalanceQuery(claims["merchant_id"], parsed, parsed, account, currency)
    (balance,), fresh = balances(READ_MODEL, query)
    return BalanceResponse(
        day=balance.day.isoformat(),
        account=account,
        currency=currency,
        opening=format_amount(balance.opening_minor, currency),
        credits=format_amount(balance.totals.credits_minor, currency),
        debits=format_amount(balance.totals.debits_minor, currency),
        closing=format_amount(balance.closing_minor, currency),
        entries=balance.totals.entries,
        status=balance.day_status.status,
        version=balance.day_status.version,
        freshness=Freshness(as_of=fresh.as_of, complete=fresh.complete),
    )
