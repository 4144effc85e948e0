"""The same two operations as handlers: this project's application, and bare Chalice + pydantic.

Both run the ledger's own commands and queries over stores that respond at once.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from chalice.app import Chalice, Response
from pydantic import AwareDatetime, BaseModel, Field

from chalicelib.api.daily_balances import balance_response, freshness_response
from chalicelib.api.entry_responses import entry_response
from chalicelib.commands import wiring
from chalicelib.commands.idempotency_cache import NullCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, record
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.entries import Entry, EntryDraft
from chalicelib.ledger.money import parse_amount
from chalicelib.ledger.principal import Principal
from chalicelib.queries import freshness
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows, balances
from chalicelib.storage.dynamodb_items import StoredItem
from verification.kit.generators import ZONE

_AS_OF = datetime(2026, 11, 23, 17, 5, 1, tzinfo=UTC)
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Key = Annotated[str, Field(max_length=40)]
Text = Annotated[str, Field(max_length=200)]


class InstantLedger:
    """A ledger that stores nothing, so that every request is new."""

    def insert(self, *_: object) -> None:
        """Do nothing."""

    insert_reversal = insert_key = replace_key = erase_texts = insert

    def read(self, _entry_ids: Sequence[str]) -> Mapping[str, StoredItem]:
        """Return no item."""
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
        return Response(entry_response(entry), status_code=201)

    @app.route("/v1/daily-balances/{day}", methods=["GET"])
    def daily_balance(day: str) -> Response:
        request = app.current_request
        query = request.query_params or {}
        account, currency = query.get("account"), query.get("currency", "BRL")
        parsed, merchant_id = parse_day(day), _claims(request)["merchant_id"]
        rows = BalanceQuery(merchant_id, parsed, parsed, account, currency)
        (balance,), fresh = balances(READ_MODEL, rows)
        shown = balance_response(balance, account, currency)
        return Response({**shown, "freshness": freshness_response(fresh)})

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


def _claims(request: Any) -> Any:
    return request.context["authorizer"]["claims"]


def _recorded(body: EntryBody, content: Any, key: str, claims: Mapping[str, Any]) -> Entry:
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
    return record(INSTANT, principal, RecordEntry(key, content, draft)).entry
