"""Invoke every function, and collect the names in its results, in the stores and in digests."""

import json
import os
from contextlib import suppress
from typing import Any

import boto3
import redis
from botocore.exceptions import EndpointConnectionError

import app
from chalicelib.closing import consolidate
from chalicelib.runtime import clients
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.emulated_stage import SCHEDULED, register_canary
from tests.house import golden_entries, import_requests
from tests.house.golden_entries import DAY, ID, MERCHANT
from tests.house.import_commands import import_twice
from tests.house.recorded_api import Api, context
from tests.house.recorded_run import Aws
from tests.house.settings_requests import send_settings
from tests.house.shapes import Shapes, pattern, shape
from tests.house.sql_catalogue import catalogue

BODY = {"type": "credit", "amount": "150.75", "description": "Venda", "metadata": {"order": "A"}}
TRACE = {"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}
ENTRY, REVERSAL = "POST /v1/entries", "POST /v1/entries/{entry_id}/reversal"
DAYS = f"from={DAY}&to={DAY}"
# The routes that read the golden day, with their queries.
READS = {
    "/health": "",
    "/health/ready": "",
    "/v1/closings/public-keys": "",
    "/v1/daily-balances/{day}": f"after={ID}",
    "/v1/daily-balances": DAYS,
    "/v1/cash-flow": f"{DAYS}&by=week&group=category",
    "/v1/statements/{month}": "",
    "/v1/statements": DAYS,
    "/v1/closings/{day}": "",
    "/v1/closings/head": "",
    "/v1/closings/{day}/proof": f"entry={ID}",
    "/v1/entries/{entry_id}": "",
    "/v1/entries": f"{DAYS}&limit=1",
    "/v1/closings/{day}/{version}/leaves": "limit=1",
    "/openapi.json": "",
}
SEALED = ["closings", "closing_effects", "sealed_entries", "closing_outbox", "sealed_totals"]
NOTHING_DONE = {"next_after": None, "merchants": 0, "closed": 0, "repaired": 0, "failed": 0}


class Scenario:
    """Drives the functions of app.py in an order in which each meets what it needs."""

    def __init__(self, database: ReadModelDatabase, aws: Aws) -> None:
        self._database = database
        self._aws = aws
        host, port = os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"])
        self._redis = redis.Redis(host=host, port=port, decode_responses=True)
        self._dynamodb = boto3.client("dynamodb")
        self._api = Api(aws)
        self._results = Shapes()
        self._golden: dict[str, Any] = {}
        self._names: dict[str, Any] = {}

    def run(self) -> None:
        """Do everything, and bring Redis back to where it was: empty."""
        self._redis.flushdb()
        self._invoke("migrate", {"role": self._database.superuser})
        self._sql = self._database.connect(self._database.superuser)
        self._sql.run("SET search_path TO read_model; DELETE FROM unfinished_rebuild")
        self._limit_readers("60s")
        self._sql.run("UPDATE cursor_key SET secret = decode(repeat('07', 32), 'hex')")
        self._names["postgresql"] = catalogue(self._sql)
        self._write()
        import_requests.send_imports(self._api.send)
        self._project()
        self._close_golden_day()
        self._read()
        self._put(golden_entries.item("z" * 32, "0.5"))
        begun = self._invoke("rebuild", {}, milliseconds=0)
        self._invoke("rebuild", {"position": begun["position"]})
        self._sql.run("UPDATE entries SET amount_minor = amount_minor + 1")
        self._invoke("rebuild", {"merchant_id": MERCHANT})
        self._run_triggers()
        self._meet_failures()
        self._names["redis"] = self._redis_names()
        self._redis.flushdb()

    def names(self) -> dict[str, Any]:
        """Return what was recorded."""
        return {
            **self._names,
            "responses": self._api.responses,
            "problems": sorted(self._api.problems),
            "function results": self._results,
            "golden": self._golden,
        }

    def _write(self) -> None:
        """Send every command, and requests with every kind of problem."""
        send = self._api.send
        for path in app.app.routes:
            send(f"OPTIONS {path}", scopes=())
        send("PUT /v1/entries")
        send("GET /v1/entries")
        send("GET /v1/daily-balances/{day}")
        send(ENTRY, BODY)
        send(ENTRY, BODY, "first", scopes=())
        send(ENTRY, BODY, "first", scopes=("livro-caixa/read",))
        recorded = send(ENTRY, BODY, "first", headers=TRACE)["json"]["id"]
        send(ENTRY, BODY, "first")
        send(ENTRY, {**BODY, "amount": "1.00"}, "first")
        send(ENTRY, {**BODY, "amount": 1, "unknown": 1}, "second")
        send(ENTRY, "{", "second")
        send(ENTRY, "x" * 300_000, "second")
        send(ENTRY, BODY, "second", headers={"Content-Type": "text/plain"})
        several = [{"idempotency_key": "third", **BODY}, {"idempotency_key": "fourth"}]
        send("POST /v1/entries/batch", {"entries": several})
        undone = send(REVERSAL, {"reason": "wrong"}, "undo", entry_id=recorded)["json"]["id"]
        for key, target in (("undo", recorded), ("undo-again", recorded), ("undo-it", undone)):
            send(REVERSAL, {"reason": "wrong"}, key, entry_id=target)
        for _ in range(2):
            send("POST /v1/entries/{entry_id}/erasure", {}, "erase", entry_id=undone)
        send_settings(send, recorded)
        send("POST /v1/closings", {"day": DAY}, "close")
        started = send("POST /v1/closings", {"day": DAY}, "close")["headers"]["Location"]
        consolidation_id = started.removeprefix("consolidations/")
        send("GET /v1/consolidations/{consolidation_id}", consolidation_id=consolidation_id)
        send("GET /v1/entries/{entry_id}", merchant="another-bakery", entry_id=recorded)
        (item,) = [item for item in self._items() if item["entry_id"]["S"] == recorded]
        digests = ("request_digest", "request_text_digest", "text_digest")
        self._golden |= {
            "recorded id": recorded,
            "reversal id": undone,
            "consolidation": f"/v1/{started}",
        }
        self._golden["recorded item"] = {name: item[name]["S"] for name in digests}

    def _project(self) -> None:
        with self._aws.running("api_handler"):
            import_twice()
        first, second = golden_entries.items()
        self._put(first)
        self._put(second)
        known = [_inserted(f"event-{n}", item) for n, item in enumerate(self._items())]
        self._invoke("projector", {"Records": known})
        self._invoke("projector", {"Records": known})
        poison = {"eventID": "poison", "eventName": "INSERT", "dynamodb": {"Keys": {}}}
        other = _inserted("differing", {**first, "amount_minor": {"N": "999"}})
        self._invoke("projector", {"Records": [poison, other]})

    def _close_golden_day(self) -> None:
        """Close the day, again with a late entry, and again when its rows are lost or wrong."""
        self._consolidate(MERCHANT, f"{DAY}-1")
        late = {"recorded_at": f"{DAY}T23:00:00.000Z", "reverses": ID}
        self._put_projected(golden_entries.item("c" * 32, "100", **late))
        self._consolidate(MERCHANT, f"{DAY}-2")
        self._compare_all_merchants()
        self._sql.run("SET session_replication_role = replica")
        for table in SEALED:
            self._sql.run(f"DELETE FROM {table} WHERE merchant_id = :who", who=MERCHANT)
        self._sql.run("UPDATE entries SET amount_minor = 7 WHERE day = :day", day=DAY)
        for table in ("day_totals", "category_totals", "month_totals", "year_totals"):
            self._sql.run(f"UPDATE {table} SET credits_minor = credits_minor + 1")
        self._sql.run("SET session_replication_role = DEFAULT")
        self._consolidate(MERCHANT, f"{DAY}-{'a' * 32}")  # as a request started it
        digests = "SELECT entry_id, content_digest FROM entries WHERE day = :day"
        self._golden["content digests"] = dict(self._sql.run(digests, day=DAY))
        differed = self._sql.run("SELECT what, differed::text FROM day_repairs")
        self._golden["repairs"] = {what: shape(json.loads(sides)) for what, sides in differed}
        files = {call["Key"]: call["Body"] for call in self._aws.calls["PutObject"]}
        names = [name for name in files if name.startswith(f"closings/{MERCHANT}/")]
        closings = [json.loads(files[name]) for name in names]
        self._golden["seal"] = {
            "leaves files": [
                files[f"leaves/{MERCHANT}/{closing['entries_root']}.json"].decode()
                for closing in closings
            ],
            "entries roots": [closing["entries_root"] for closing in closings],
            **{part: [each[part] for each in closings] for part in ("balances", "changes")},
        }

    def _compare_all_merchants(self) -> None:
        """Plan the run of a night, which waits for a rebuild, and make its sweeps."""
        event = {"day": DAY, "merchant_id": None, "execution": f"{DAY}-0"}
        self._sql.run("INSERT INTO unfinished_rebuild DEFAULT VALUES ON CONFLICT DO NOTHING")
        self._call("await_projection", event)
        self._sql.run("DELETE FROM unfinished_rebuild")
        self._call("await_projection", event)
        plan = self._call("plan_consolidation", event)
        self._results.add("plan_consolidation of all", shape(plan))
        self._sql.run("UPDATE sweep_segments SET due_on = :day", day=DAY)
        for part in plan["sweeps"]:
            step = {**event, "range": part, "progress": NOTHING_DONE}
            swept = self._call("consolidate_range", step)
            self._results.add("consolidate_range of a sweep", shape(swept))

    def _consolidate(self, merchant: str, execution: str) -> None:
        event = {"day": DAY, "merchant_id": merchant, "execution": execution}
        self._invoke("await_projection", event)
        outcomes = []
        for part in self._invoke("plan_consolidation", event)["ranges"]:
            step = {**event, "range": part, "progress": NOTHING_DONE}
            done = self._invoke("consolidate_range", step)
            outcomes.append({"range": part, "error": None, **done})
        summary = {**event, "started_by": "joana", "outcomes": outcomes}
        self._invoke("summarize_consolidation", summary)

    def _read(self) -> None:
        got = {
            path: self._api.send(f"GET {path}", query=query, merchant=MERCHANT)
            for path, query in READS.items()
        }
        self._names["openapi"] = got["/openapi.json"]["json"]
        entry = got["/v1/entries/{entry_id}"]
        pages = [got["/v1/entries"], got["/v1/closings/{day}/{version}/leaves"]]
        self._golden["entry"] = {"body": entry["json"], "etag": entry["headers"]["ETag"]}
        self._golden["cursors"] = [page["json"]["next_cursor"] for page in pages]
        self._golden["links"] = [page["headers"]["Link"] for page in pages]

    def _run_triggers(self) -> None:
        """Run the schedules, and the trigger of the user pool for a machine."""
        register_canary(MERCHANT, os.environ["STAGE"])
        caller = {"callerContext": {"clientId": "canary"}, "request": {}}
        machine = {"triggerSource": "TokenGeneration_ClientCredentials", **caller}
        self._golden["token"] = self._call("pre_token", machine)["response"]
        for function in ("canary", "nightly"):
            self._call(function, SCHEDULED)
        refused = clients.aws("stepfunctions").exceptions.ExecutionAlreadyExists
        with self._aws.failure(refused({}, "StartExecution"), "StartExecution"):
            self._call("nightly", SCHEDULED)

    def _meet_failures(self) -> None:
        send, failure = self._api.send, self._aws.failure
        away = EndpointConnectionError(endpoint_url="https://nowhere")
        with failure(away, "PutItem", "GetItem", "BatchGetItem"):
            send(ENTRY, BODY, "away")
            send("GET /health/ready")
        with failure(RuntimeError("unexpected"), "PutItem"):
            send(ENTRY, BODY, "broken")
        with failure(away, "StartExecution"):
            send("POST /v1/closings", {"day": DAY}, "not-started")
        self._put_projected(golden_entries.item("d" * 32, "100", merchant_id="failing-bakery"))
        consolidate.RETRY_PAUSES = (0.0,)
        # The task raises its store's error, and Step Functions calls it again.
        with failure(away, "Sign"), suppress(Exception):
            self._consolidate("failing-bakery", f"{DAY}-4")
        self._limit_readers("200ms")
        self._sql.run("BEGIN; LOCK TABLE entries IN ACCESS EXCLUSIVE MODE")
        send("GET /v1/entries")
        self._sql.run("ROLLBACK")
        self._sql.run("ALTER SCHEMA read_model RENAME TO elsewhere")
        send("GET /v1/cash-flow", query=DAYS)
        self._sql.close()

    def _redis_names(self) -> dict[str, Any]:
        names = Shapes()
        ends = (":event-0", self._golden["recorded id"])
        keys = sorted(self._redis.scan_iter())
        self._golden["redis keys"] = [key for key in keys if key.endswith(ends)]
        for key in keys:
            name = pattern(key).replace(key.rpartition(":")[2], "{event}")
            names.add(name, shape(json.loads(str(self._redis.get(key)))))
        return names

    def _items(self) -> list[dict[str, Any]]:
        items = self._dynamodb.scan(TableName="entries")["Items"]
        return sorted(items, key=lambda item: str(item["entry_id"]["S"]))

    def _limit_readers(self, patience: str) -> None:
        """Give the reader's statements this long, in this database alone."""
        role = f"livro_reader IN DATABASE {self._database.name}"
        self._sql.run(f"ALTER ROLE {role} SET statement_timeout = '{patience}'")
        self._sql.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'livro_reader' AND datname = current_database()"
        )

    def _put(self, item: dict[str, Any]) -> None:
        self._dynamodb.put_item(TableName="entries", Item=item)

    def _put_projected(self, item: dict[str, Any]) -> None:
        self._put(item)
        self._invoke("projector", {"Records": [_inserted("late", item)]})

    def _invoke(self, function: str, event: dict[str, Any], milliseconds: int = 900_000) -> Any:
        """Return a function's result, whose shape is recorded."""
        result = self._call(function, event, milliseconds)
        self._results.add(function, shape(result))
        return result

    def _call(self, function: str, event: dict[str, Any], milliseconds: int = 900_000) -> Any:
        with self._aws.running(function):
            return getattr(app, function)(event, context(milliseconds))


def _inserted(event_id: str, item: dict[str, Any]) -> dict[str, Any]:
    images = {"Keys": {"entry_id": item["entry_id"]}, "NewImage": item}
    return {"eventID": event_id, "eventName": "INSERT", "dynamodb": images}
