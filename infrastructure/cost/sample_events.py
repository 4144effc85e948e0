"""The events of the measured functions: requests, and records of the ledger's stream."""

import base64
import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from infrastructure.cost.workload import FILE_ROWS


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


def statement_request(day: datetime) -> dict[str, Any]:
    """Return the request for the statement of a day's month."""
    event = request("GET", f"/v1/statements/{day:%Y-%m}")
    event["requestContext"]["resourcePath"] = "/v1/statements/{month}"
    query = {"format": ["pdf"]}
    return event | {
        "pathParameters": {"month": f"{day:%Y-%m}"},
        "multiValueQueryStringParameters": query,
    }


def bank_file_request(number: int) -> dict[str, Any]:
    """Return the request that previews an OFX file; each number has other rows."""
    rows = "".join(
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20250414<TRNAMT>-{row + 1}.{number:02}"
        f"<FITID>{number}-{row}<MEMO>PIX enviado, fornecedor {row}</STMTTRN>\n"
        for row in range(FILE_ROWS)
    )
    file = (
        "OFXHEADER:100\nVERSION:102\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>"
        "<CURDEF>BRL<BANKACCTFROM><BANKID>999<ACCTID>1</BANKACCTFROM><BANKTRANLIST>\n"
        f"{rows}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
    event = request("POST", "/v1/imports")
    event["headers"]["Content-Type"] = "application/x-ofx"
    event["multiValueHeaders"]["Content-Type"] = ["application/x-ofx"]
    return event | {"body": file, "multiValueQueryStringParameters": {"account": ["bank"]}}


def recording_request(import_id: str) -> dict[str, Any]:
    """Return the request that records the rows of an import."""
    event = request("PUT", f"/v1/imports/{import_id}/recording", {})
    event["requestContext"]["resourcePath"] = "/v1/imports/{import_id}/recording"
    return event | {"pathParameters": {"import_id": import_id}}


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
