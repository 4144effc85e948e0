"""Invokes each function so that it makes every kind of AWS call that it ever makes.

A new call must be added here; otherwise its right in the policy counts as unused.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import app
from tests.fixtures.lambda_context import FifteenMinutes
from verification.kit.api_client import ApiClient, in_process, unverified_token

if TYPE_CHECKING:
    from tests.rights.scenario import Recorder

MERCHANT = "padaria"


def exercise(recorder: "Recorder", resources: dict[str, str]) -> None:
    """Invoke every function of app.py, in an order in which each has what it needs."""
    with recorder.running("migrate"):
        app.migrate({"role": "livro_admin"}, None)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with recorder.running("api_handler"):
        _use_the_api(yesterday)
    records = _stream_of_the_ledger()
    with recorder.running("projector"):
        app.projector({"Records": [*records, _poison()]}, None)
    with recorder.running("rebuild"):
        _damage_the_read_model()
        app.rebuild({}, FifteenMinutes())
        app.rebuild({"merchant_id": MERCHANT}, FifteenMinutes())
    _register_the_canary(resources)
    with recorder.running("pre_token"):
        app.pre_token(_machine_signs_in(resources), None)
    with recorder.running("canary"):
        app.canary(_scheduled(), None)
    with recorder.running("nightly"):
        app.nightly(_scheduled(), None)
    _damage_the_read_model()
    _store_the_public_key(resources)
    _close(recorder, yesterday.date().isoformat())


def _use_the_api(yesterday: datetime) -> None:
    client = ApiClient(in_process(app.app), unverified_token(MERCHANT))
    body = {"type": "credit", "amount": "1.00", "occurred_at": yesterday.isoformat()}
    recorded = client.post("/v1/entries", body)
    several = client.post("/v1/entries/batch", {"entries": [{"idempotency_key": "b", **body}]})
    name = recorded.json["id"]
    client.post(f"/v1/entries/{name}/reversal", {"reason": "wrong"})
    client.get(f"/v1/entries/{name}")
    client.get("/v1/entries")
    client.get("/health/ready")
    day = (yesterday - timedelta(days=1)).date().isoformat()
    started = client.post("/v1/closings", {"day": day})
    client.get(started.headers.get("location", "/v1/consolidations/none"))
    client.post(f"/v1/entries/{several.json['results'][0]['entry']['id']}/erasure", {})


def _stream_of_the_ledger() -> list[dict[str, Any]]:
    import boto3

    items = boto3.client("dynamodb").scan(TableName=os.environ["ENTRIES_TABLE"])["Items"]
    return [
        _record(f"event-{number}", {"Keys": {"entry_id": item["entry_id"]}, "NewImage": item})
        for number, item in enumerate(items)
    ]


def _record(name: str, images: dict[str, Any]) -> dict[str, Any]:
    return {"eventID": name, "eventName": "INSERT", "dynamodb": images}


def _poison() -> dict[str, Any]:
    return _record("poison", {"Keys": {"entry_id": {"S": "nobody"}}})


def _damage_the_read_model() -> None:
    """Alter entries where they are only copied, so that somebody has to ask the ledger."""
    connection = _connect("livro_projector")
    connection.run("UPDATE entries SET amount_minor = amount_minor + 1")
    connection.close()


def _connect(role: str) -> Any:
    import pg8000.native

    return pg8000.native.Connection(
        role,
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        database=os.environ["DATABASE_NAME"],
    )


def _register_the_canary(resources: dict[str, str]) -> None:
    import boto3

    nowhere = "http://127.0.0.1:9"  # port 9 discards
    item = {"client_id": resources["CANARY_CLIENT_ID"], "merchant_id": "canary"}
    item |= {"base_url": nowhere, "token_url": nowhere}
    boto3.client("dynamodb").put_item(
        TableName=resources["CLIENTS_TABLE"],
        Item={name: {"S": text} for name, text in item.items()},
    )


def _machine_signs_in(resources: dict[str, str]) -> dict[str, Any]:
    return {
        "triggerSource": "TokenGeneration_ClientCredentials",
        "callerContext": {"clientId": resources["CANARY_CLIENT_ID"]},
        "request": {},
    }


def _scheduled() -> dict[str, Any]:
    return {
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "123456789012", "time": "2026-11-23T03:10:00Z", "region": "us-east-1",
        "resources": [], "detail": {},
    }  # fmt: skip


def _store_the_public_key(resources: dict[str, str]) -> None:
    """Store the public key in the bucket, as after the first consolidation run."""
    import boto3

    from chalicelib.closing.aws import pem

    key = resources["SIGNING_KEY_ID"]
    public = pem(boto3.client("kms").get_public_key(KeyId=key)["PublicKey"]).encode()
    name = f"keys/{key.rpartition('/')[2]}.pem"
    boto3.client("s3").put_object(Bucket=resources["SEAL_BUCKET"], Key=name, Body=public)


def _consolidate(request: dict[str, Any], ranges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    nothing = {"next_after": None, "merchants": 0, "closed": 0, "repaired": 0, "failed": 0}
    return [
        {
            "range": range_,
            "error": None,
            **app.consolidate_range({**request, "range": range_, "progress": nothing}, None),
        }
        for range_ in ranges
    ]


def _lose_the_closings() -> None:
    """Delete the closings from the read model, so that they are restored from the bucket."""
    connection = _connect("livro_admin")
    connection.run("SET session_replication_role = replica")
    for table in ("closings", "closing_effects", "sealed_entries", "closing_outbox"):
        connection.run(f"DELETE FROM read_model.{table}")
    connection.close()


def _close(recorder: "Recorder", day: str) -> None:
    request = {"day": day, "merchant_id": None, "started_by": "schedule", "execution": f"{day}-0"}
    with recorder.running("await_projection"):
        app.await_projection(request, None)
    with recorder.running("plan_consolidation"):
        ranges = app.plan_consolidation(request, None)["ranges"]
    with recorder.running("consolidate_range"):
        outcomes = _consolidate(request, ranges)
        _lose_the_closings()
        assert not any(outcome["failed"] for outcome in _consolidate(request, ranges))
    with recorder.running("summarize_consolidation"):
        app.summarize_consolidation({**request, "outcomes": outcomes}, None)
    assert any(outcome["closed"] for outcome in outcomes), json.dumps(outcomes)
