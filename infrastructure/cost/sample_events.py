"""The events of the measured functions: requests, and records of the ledger's stream."""

import base64
import hashlib
import json
import uuid
from datetime import datetime
from typing import Any


def request(
    method: str, path: str, body: dict[str, Any] | None = None, merchant: str = "padaria"
) -> dict[str, Any]:
    """Return the gateway's event of a request with a verified token."""
    claims = {
        "sub": "joana",
        "token_use": "access",
        "scope": "livro-caixa/read livro-caixa/write livro-caixa/close",
        "merchant_id": merchant,
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": _fresh()}
    return {
        "path": path,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": path,
            "requestId": _fresh(),
            "path": f"/api{path}",
            "stage": "api",
            "authorizer": {"claims": claims},
        },
        "headers": headers,
        "multiValueHeaders": {name: [text] for name, text in headers.items()},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def _fresh() -> str:
    return str(uuid.uuid4())


def balance_request(yesterday: datetime) -> dict[str, Any]:
    """Return the request for a day's balance."""
    day = yesterday.date().isoformat()
    event = request("GET", f"/v1/daily-balances/{day}")
    event["requestContext"]["resourcePath"] = "/v1/daily-balances/{day}"
    return event | {"pathParameters": {"day": day}}


def ledger() -> list[dict[str, Any]]:
    """Return the items of all entries in the emulated ledger."""
    import boto3

    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName="entries")
    return [item for page in pages for item in page["Items"] if item["kind"]["S"] == "entry"]


def copy_entry(item: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a copy of an entry's item with another entry id."""
    digest = hashlib.sha256(str(number).encode()).digest()[:20]
    return item | {"entry_id": {"S": base64.b32encode(digest).decode().lower()}}


def stream_record(item: dict[str, Any]) -> dict[str, Any]:
    """Return the stream record of a new entry."""
    images = {"Keys": {"entry_id": item["entry_id"]}, "NewImage": item}
    return {"eventID": _fresh(), "eventName": "INSERT", "dynamodb": images}
