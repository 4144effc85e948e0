"""Chalice and pydantic as they come, without a check, a header or a log line more."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice, Response

from verification.benchmarks.handlers import nothing_behind, work
from verification.benchmarks.handlers.models import SentEntry, ShownBalance, ShownEntry

RecordResult = Callable[[SentEntry, Any, str, Mapping[str, Any]], ShownEntry]
Balance = Callable[[str, str | None, str, Mapping[str, Any]], ShownBalance]


def over_the_ledger() -> Any:
    """Return the handler of a new application over the ledger's own commands and queries."""
    return _application(work.recorded, work.balance)


def with_nothing_behind() -> Any:
    """Return the handler of a new application that answers what it was sent."""
    return _application(nothing_behind.recorded, nothing_behind.balance)


def _application(recorded: RecordResult, balance: Balance) -> Any:
    app = Chalice(app_name="bare", configure_logs=False)

    @app.route("/v1/entries", methods=["POST"])
    def record_entry() -> Response:
        request = app.current_request
        body, key = request.json_body, request.headers["Idempotency-Key"]
        answer = recorded(SentEntry.model_validate(body), body, key, _claims(request))
        return Response(answer.model_dump(mode="json", by_alias=True), status_code=201)

    @app.route("/v1/daily-balances/{day}", methods=["GET"])
    def daily_balance(day: str) -> Response:
        request = app.current_request
        query = request.query_params or {}
        account, currency = query.get("account"), query.get("currency", "BRL")
        return Response(balance(day, account, currency, _claims(request)).model_dump(mode="json"))

    return app


def _claims(request: Any) -> Any:
    return request.context["authorizer"]["claims"]
