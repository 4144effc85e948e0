"""FastAPI behind Mangum, its adapter to API Gateway's events."""

from typing import Any


def make() -> Any:
    """Return the handler of a new application."""
    from fastapi import FastAPI, Request
    from mangum import Mangum

    from verification.benchmarks.handlers.models import SentEntry, ShownBalance, ShownEntry
    from verification.benchmarks.handlers.work import balance, recorded

    app = FastAPI()

    @app.post("/v1/entries", status_code=201)
    async def record_entry(entry: SentEntry, request: Request) -> ShownEntry:
        body, key = await request.json(), request.headers["idempotency-key"]
        return recorded(entry, body, key, _claims(request))

    @app.get("/v1/daily-balances/{day}")
    async def daily_balance(
        day: str, request: Request, account: str | None = None, currency: str = "BRL"
    ) -> ShownBalance:
        return balance(day, account, currency, _claims(request))

    return Mangum(app, lifespan="off")


def _claims(request: Any) -> Any:
    return request.scope["aws.event"]["requestContext"]["authorizer"]["claims"]
