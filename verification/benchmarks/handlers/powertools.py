"""Powertools for AWS Lambda: its REST resolver, with its validation by pydantic switched on."""

from typing import Annotated, Any


def make() -> Any:
    """Return the handler of a new application."""
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
    from aws_lambda_powertools.event_handler.openapi.params import Body

    from verification.benchmarks.handlers.models import SentEntry, ShownBalance, ShownEntry
    from verification.benchmarks.handlers.work import balance, recorded

    app = APIGatewayRestResolver(enable_validation=True)

    @app.post("/v1/entries")
    def record_entry(entry: Annotated[SentEntry, Body()]) -> Response[ShownEntry]:
        event = app.current_event
        claims, key = event.request_context.authorizer.claims, event.headers["Idempotency-Key"]
        return Response(201, "application/json", recorded(entry, event.json_body, key, claims))

    @app.get("/v1/daily-balances/<day>")
    def daily_balance(day: str, account: str | None = None, currency: str = "BRL") -> ShownBalance:
        return balance(day, account, currency, app.current_event.request_context.authorizer.claims)

    return app.resolve
