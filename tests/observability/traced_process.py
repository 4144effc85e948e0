"""Runs the functions in a separate process, as Lambda or `chalice local` does, for the tests.

Records an entry, or a batch, and projects it, with the stores that the environment names; prints
the status, the stored trace headers, and whether the X-Ray SDK was imported. Does so once for each
JSON object of more variables, or once without any.
"""

import json
import os
import sys
from types import SimpleNamespace
from typing import Any

from tests.fixtures.tables import create_table
from verification.kit.api_client import ApiClient, in_process, unverified_token

ENTRY = {"type": "credit", "amount": "150.75", "description": "Maria segredo", "category": "sales"}
BATCH = [{**ENTRY, "idempotency_key": f"segredo-{number}"} for number in range(100)]
CONTEXT = SimpleNamespace(function_name="livro-caixa-test-projector", aws_request_id="r-1")


def main() -> None:
    """Record `one` entry or a `batch` of 100, as the command line says, and project it."""
    work, *invocations = sys.argv[1:]
    import boto3
    from moto import mock_aws

    with mock_aws():
        import app
        from chalicelib.commands.wiring import ports as command_ports
        from chalicelib.projection.wiring import ports as projection_ports

        table = boto3.client("dynamodb")
        create_table(table, "EntriesTable", "entries")
        # The first request and the first batch of a process do not use Redis.
        command_ports().cache.get("nobody", [])
        projection_ports().dedup_cache.known([])
        client = ApiClient(in_process(app.app), unverified_token(os.environ["MERCHANT"], "segredo"))
        usual = dict(os.environ)
        for number, more in enumerate(map(json.loads, invocations or ["{}"])):
            os.environ.clear()
            os.environ.update(usual | more)
            status = _post(client, work == "batch", f"segredo-{number}")
            items = table.scan(TableName="entries")["Items"]
            if "PROJECTOR_TRACE_HEADER" in os.environ:
                os.environ["_X_AMZN_TRACE_ID"] = os.environ["PROJECTOR_TRACE_HEADER"]
            app.projector({"Records": [_record(item) for item in items]}, CONTEXT)
            origins = sorted({item["origin"]["S"] for item in items if "origin" in item})
            has_sdk = "aws_xray_sdk" in sys.modules
            print(json.dumps({"status": status, "origins": origins, "sdk": has_sdk}))


def _post(client: ApiClient, is_batch: bool, key: str) -> int:
    trace_header = os.environ.get("SENT_TRACE_HEADER")
    headers = {"x_amzn_trace_id": trace_header} if trace_header else {}
    if is_batch:
        return client.post("/v1/entries/batch", {"entries": BATCH}, None, **headers).status
    return client.post("/v1/entries", ENTRY, key, **headers).status


def _record(item: dict[str, Any]) -> dict[str, Any]:
    change = {"Keys": {}, "NewImage": item}
    return {"eventID": item["entry_id"]["S"], "eventName": "INSERT", "dynamodb": change}


if __name__ == "__main__":
    main()
