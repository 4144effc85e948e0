"""Invokes each function so that it makes every kind of AWS call that it ever makes.

A new call must be added here; otherwise its right in the policy counts as unused.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalice.local import LambdaContext

import app
from chalicelib.ledger.days import business_day
from chalicelib.runtime import settings
from tests.fixtures.emulated_stage import SCHEDULED, register_canary
from tests.fixtures.stores import Database
from verification.kit.api_client import ApiClient, in_process, unverified_token

if TYPE_CHECKING:
    from tests.rights.scenario import Recorder

MERCHANT = "padaria"


def exercise(recorder: "Recorder", resources: dict[str, str]) -> None:
    """Invoke every function of app.py, in an order in which each has what it needs."""
    with recorder.running("migrate"):
        app.migrate({"role": "livro_admin"}, None)
    yesterday = datetime.now(UTC) - timedelta(days=2)  # over in every time zone
    with recorder.running("api_handler"):
        _use_the_api(yesterday)
    records = _stream_of_the_ledger()
    records.append(_record("poison", {"Keys": {"entry_id": {"S": "nobody"}}}))
    with recorder.running("projector"):
        app.projector({"Records": records}, None)
    with recorder.running("rebuild"):
        _damage_the_read_model()
        context = LambdaContext("rebuild", 1024, 900_000)
        app.rebuild({}, context)
        app.rebuild({"merchant_id": MERCHANT}, context)
    register_canary("canary")
    signs_in = {"triggerSource": "TokenGeneration_ClientCredentials", "request": {}}
    with recorder.running("pre_token"):
        app.pre_token({**signs_in, "callerContext": {"clientId": "canary"}}, None)
    with recorder.running("canary"):
        app.canary(SCHEDULED, None)
    _start_the_night(resources)
    with recorder.running("nightly"):
        app.nightly(SCHEDULED, None)
    _damage_the_read_model()
    _store_the_public_key(resources)
    _close(recorder, yesterday.date().isoformat())
    with recorder.running("api_handler"):
        client = ApiClient(in_process(app.app), unverified_token(MERCHANT))
        assert client.get("/v1/closings/head").status == 200


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
    profile = {"name": "Padaria", "document": "529.982.247-25", "town": "Campinas", "state": "SP"}
    headers = {"content_type": "application/json"}
    assert (
        client.request("PUT", "/v1/merchant", headers, json.dumps(profile).encode()).status == 200
    )
    assert client.get("/v1/merchant").status == 200
    day = (yesterday - timedelta(days=1)).date().isoformat()
    started = client.post("/v1/closings", {"day": day})
    client.get(f"/v1/{started.headers.get('location', 'consolidations/none')}")
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


def _damage_the_read_model() -> None:
    """Alter entries in the read model, so that a repair must read the ledger."""
    _run_as("livro_projector", "UPDATE entries SET amount_minor = amount_minor + 1")


def _run_as(role: str, *statements: str) -> None:
    place = [os.environ[f"DATABASE_{part}"] for part in ("HOST", "PORT", "NAME")]
    connection = Database(place[0], int(place[1]), place[2], "").connect(role)
    for statement in statements:
        connection.run(statement)
    connection.close()


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
    steps = [{**request, "range": part, "progress": nothing} for part in ranges]
    return [
        {"range": step["range"], "error": None, **app.consolidate_range(step, None)}
        for step in steps
    ]


def _lose_the_closings() -> None:
    """Delete the closings from the read model, so that they are restored from the bucket."""
    tables = ("closings", "closing_effects", "sealed_entries", "closing_outbox", "sealed_totals")
    deletions = [f"DELETE FROM read_model.{table}" for table in tables]
    _run_as("livro_admin", "SET session_replication_role = replica", *deletions)


def _start_the_night(resources: dict[str, str]) -> None:
    """Start the run that the schedule would start, with another input: its name is used."""
    import boto3

    day = business_day(datetime.now(UTC), settings.current().business_zone) - timedelta(days=1)
    boto3.client("stepfunctions").start_execution(
        stateMachineArn=resources["STATE_MACHINE_ARN"], name=f"{day}-0", input="{}"
    )


def _close(recorder: "Recorder", day: str) -> None:
    request = {"day": day, "merchant_id": None, "started_by": "schedule", "execution": f"{day}-0"}
    _run_as(
        "livro_projector", "INSERT INTO unfinished_rebuild DEFAULT VALUES ON CONFLICT DO NOTHING"
    )
    with recorder.running("await_projection"):
        app.await_projection(request, None)
        _run_as("livro_projector", "DELETE FROM unfinished_rebuild")
        app.await_projection(request, None)
    with recorder.running("plan_consolidation"):
        plan = app.plan_consolidation(request, None)
        ranges, sweeps = plan["ranges"], plan["sweeps"]
    _run_as("livro_closer", "UPDATE sweep_segments SET due_on = due_on - 60")
    with recorder.running("consolidate_range"):
        outcomes = _consolidate(request, ranges)
        _lose_the_closings()
        assert not any(outcome["failed"] for outcome in _consolidate(request, ranges + sweeps))
    with recorder.running("summarize_consolidation"):
        of_a_merchant = {"merchant_id": MERCHANT, "execution": f"{day}-{'a' * 32}"}
        app.summarize_consolidation({**request, **of_a_merchant, "outcomes": outcomes}, None)
    assert any(outcome["closed"] for outcome in outcomes), json.dumps(outcomes)
