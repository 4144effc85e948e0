"""Runs the functions in a separate process, as Lambda or `chalice local` does, for the tests.

Records an entry, or a batch, and projects it, with the stores that the environment names; prints
the status, the stored trace headers, and whether the X-Ray SDK was imported.
"""

import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from verification.kit.api_client import ApiClient, in_process, unverified_token

ENTRY = {"type": "credit", "amount": "150.75", "description": "Maria segredo", "category": "sales"}


@dataclass(frozen=True)
class Context:
    """Lambda's context of an invocation."""

    function_name: str
    aws_request_id: str = "r-1"


def main() -> None:
    """Record `one` entry or a `batch` of 100, as the command line says, and project it."""
    from moto import mock_aws

    with mock_aws():
        table = _table()
        response = _post(sys.argv[1])
        items = table.scan(TableName="entries")["Items"]
        _project(items)
    printed = {
        "status": response.status,
        "origins": sorted({item["origin"]["S"] for item in items if "origin" in item}),
        "sdk": "aws_xray_sdk" in sys.modules,
    }
    print(json.dumps(printed))


def _table() -> Any:
    import boto3

    client = boto3.client("dynamodb")
    client.create_table(
        TableName="entries",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "entry_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "entry_id", "KeyType": "HASH"}],
    )
    return client


def _post(what: str) -> Any:
    import app

    batch = [{**ENTRY, "idempotency_key": f"segredo-{number}"} for number in range(100)]
    path, body = ("/v1/entries", ENTRY) if what == "one" else ("/v1/entries/batch", batch)
    sent = body if what == "one" else {"entries": body}
    headers = {"Content-Type": "application/json", "Idempotency-Key": "segredo"}
    if "SENT_TRACE_HEADER" in os.environ:
        headers["X-Amzn-Trace-Id"] = os.environ["SENT_TRACE_HEADER"]
    client = ApiClient(in_process(app.app), unverified_token(os.environ["MERCHANT"], "segredo"))
    return client.request("POST", path, headers, json.dumps(sent).encode())


def _project(items: list[dict[str, Any]]) -> None:
    import app

    if "PROJECTOR_TRACE_HEADER" in os.environ:
        os.environ["_X_AMZN_TRACE_ID"] = os.environ["PROJECTOR_TRACE_HEADER"]
    records = [
        {
            "eventID": item["entry_id"]["S"],
            "eventName": "INSERT",
            "dynamodb": {"Keys": {"entry_id": item["entry_id"]}, "NewImage": item},
        }
        for item in items
    ]
    app.projector({"Records": records}, Context("livro-caixa-test-projector"))


if __name__ == "__main__":
    main()
