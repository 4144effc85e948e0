"""Invoke every function, and collect the names in its results, in the stores and in digests."""

import json
import os
from typing import Any

import app
from tests.fixtures.emulated_stage import SCHEDULED, register_canary
from tests.house import golden_entries
from tests.house.aws_recorder import AwsRecorder
from tests.house.recorded_http import Api, Context, route_names
from tests.house.recorded_requests import BODY, read, tokens, write
from tests.house.shapes import merged, pattern, shape
from tests.house.sql_catalogue import catalogue

DAY = golden_entries.DAY
MERCHANT = golden_entries.MERCHANT
NOTHING_DONE = {"next_after": None, "merchants": 0, "closed": 0, "repaired": 0, "failed": 0}


class Scenario:
    """Drives the functions of app.py in an order in which each meets what it needs."""

    def __init__(self, superuser: str, recorder: AwsRecorder) -> None:
        import boto3
        import redis

        self._superuser = superuser
        self._recorder = recorder
        self._dynamodb = boto3.client("dynamodb")
        host, port = os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"])
        self._redis = redis.Redis(host=host, port=port, decode_responses=True)
        self._api = Api()
        self._results: dict[str, Any] = {}
        self._golden: dict[str, Any] = {}
        self._names: dict[str, Any] = {}

    def run(self) -> None:
        """Do everything, and bring Redis back to where it was: empty."""
        self._redis.flushdb()
        self._returned("migrate", app.migrate({"role": self._superuser}, Context()))
        self._sql = self._connect()
        self._limit_readers("60s")
        self._sql.run("UPDATE cursor_key SET secret = decode(repeat('07', 32), 'hex')")
        self._names["postgresql"] = catalogue(self._sql)
        self._names["routes"] = route_names(self._api)
        self._golden |= write(self._api)
        self._golden["recorded item"] = self._digests(self._golden["recorded id"])
        self._project()
        self._close_golden_day()
        golden, self._names["openapi"] = read(self._api)
        self._golden |= golden
        self._rebuild()
        self._run_triggers()
        self._meet_failures()
        self._names["redis"] = self._redis_names()
        self._redis.flushdb()

    def names(self) -> dict[str, Any]:
        """Return what was recorded."""
        return {
            **self._names,
            "responses": self._api.names(),
            "problems": sorted(self._api.problems),
            "function results": self._results,
            "golden": self._golden,
        }

    def _project(self) -> None:
        for item in golden_entries.items():
            self._dynamodb.put_item(TableName="entries", Item=item)
        known = [_inserted(f"event-{n}", item) for n, item in enumerate(self._items())]
        self._projector(known)
        self._projector(known)
        first = golden_entries.items()[0]
        poison = {"eventID": "poison", "eventName": "INSERT", "dynamodb": {"Keys": {}}}
        other = {**first, "amount_minor": {"N": "999"}}
        self._projector([poison, _inserted("differing", other)])

    def _close_golden_day(self) -> None:
        late = golden_entries.late_item()
        for run, extra in (("1", None), ("2", late)):
            if extra is not None:
                self._dynamodb.put_item(TableName="entries", Item=extra)
                self._projector([_inserted("late", extra)])
            self._consolidate(MERCHANT, f"{DAY}-{run}")
        event = {"day": DAY, "merchant_id": None, "execution": f"{DAY}-0"}
        ranges = app.plan_consolidation(event, Context())
        self._returned("plan_consolidation of all", ranges)
        self._sql.run("SET session_replication_role = replica")
        for table in ("closings", "closing_effects", "sealed_entries", "closing_outbox"):
            self._sql.run(f"DELETE FROM {table} WHERE merchant_id = :who", who=MERCHANT)
        self._sql.run("UPDATE entries SET amount_minor = 7 WHERE day = :day", day=DAY)
        for table in ("day_totals", "category_totals", "month_totals", "year_totals"):
            self._sql.run(f"UPDATE {table} SET credits_minor = credits_minor + 1")
        self._sql.run("SET session_replication_role = DEFAULT")
        self._consolidate(MERCHANT, f"{DAY}-3")
        self._golden["content digests"] = dict(self._sql.run(
            "SELECT entry_id, content_digest FROM entries WHERE day = :day", day=DAY
        ))  # fmt: skip
        differed = self._sql.run("SELECT what, differed::text FROM day_repairs ORDER BY what")
        self._golden["repairs"] = {what: shape(json.loads(sides)) for what, sides in differed}
        self._golden["seal"] = golden_entries.seal_names(self._recorder.calls)

    def _consolidate(self, merchant: str, execution: str) -> None:
        event = {"day": DAY, "merchant_id": merchant, "execution": execution}
        self._returned("await_projection", app.await_projection(event, Context()))
        planned = app.plan_consolidation(event, Context())
        self._returned("plan_consolidation", planned)
        outcomes = []
        for part in planned["ranges"]:
            step = {**event, "range": part, "progress": NOTHING_DONE}
            done = app.consolidate_range(step, Context())
            self._returned("consolidate_range", done)
            outcomes.append({"range": part, "error": None, **done})
        summary = {**event, "started_by": "joana", "outcomes": outcomes}
        self._returned("summarize_consolidation", app.summarize_consolidation(summary, Context()))

    def _rebuild(self) -> None:
        broken = {"entry_id": {"S": "z" * 32}, "amount_minor": {"N": "0.5"}}
        item = {**golden_entries.items()[0], **broken}
        self._dynamodb.put_item(TableName="entries", Item=item)
        begun = app.rebuild({}, Context(milliseconds=0))
        self._returned("rebuild", begun)
        done = app.rebuild({"position": begun["position"]}, Context())
        self._returned("rebuild", done)

    def _run_triggers(self) -> None:
        register_canary(MERCHANT)
        self._golden["tokens"] = tokens("canary", MERCHANT)
        app.canary(SCHEDULED, Context())
        app.nightly(SCHEDULED, Context())

    def _meet_failures(self) -> None:
        from botocore.exceptions import EndpointConnectionError

        send, failure = self._api.send, self._recorder.failure
        away = EndpointConnectionError(endpoint_url="https://nowhere")
        with failure(away, "PutItem", "GetItem", "BatchGetItem"):
            send("POST /v1/entries", BODY, "away")
            send("GET /health/ready")
        with failure(RuntimeError("unexpected"), "PutItem"):
            send("POST /v1/entries", BODY, "broken")
        with failure(away, "StartExecution"):
            send("POST /v1/closings", {"day": DAY}, "not-started")
        item = golden_entries.failing_item()
        self._dynamodb.put_item(TableName="entries", Item=item)
        self._projector([_inserted("failing", item)])
        with failure(away, "Sign"):
            self._consolidate("failing-bakery", f"{DAY}-4")
        self._limit_readers("200ms")
        self._sql.run("BEGIN; LOCK TABLE entries IN ACCESS EXCLUSIVE MODE")
        send("GET /v1/entries")
        self._sql.run("ROLLBACK")
        self._sql.run("ALTER SCHEMA read_model RENAME TO elsewhere")
        send("GET /v1/cash-flow", query=f"from={DAY}&to={DAY}")
        self._sql.close()

    def _redis_names(self) -> dict[str, Any]:
        names: dict[str, Any] = {}
        for key in sorted(self._redis.scan_iter()):
            value = shape(json.loads(str(self._redis.get(key))))
            name = pattern(key).replace(key.partition(":")[2], "{event}")
            names[name] = merged([value], names.get(name))
        self._golden["redis keys"] = sorted(
            key
            for key in self._redis.scan_iter()
            if key.endswith((":event-0", self._golden["recorded id"]))
        )
        return names

    def _digests(self, entry_id: str) -> dict[str, str]:
        (item,) = [item for item in self._items() if item["entry_id"]["S"] == entry_id]
        names = ("request_digest", "request_text_digest", "text_digest")
        return {name: item[name]["S"] for name in names}

    def _items(self) -> list[dict[str, Any]]:
        items = self._dynamodb.scan(TableName="entries")["Items"]
        return sorted(items, key=lambda item: str(item["entry_id"]["S"]))

    def _limit_readers(self, patience: str) -> None:
        """Give the reader's statements this long, in this database alone."""
        name = os.environ["DATABASE_NAME"]
        self._sql.run(
            f"ALTER ROLE livro_reader IN DATABASE {name} SET statement_timeout='{patience}'"
        )
        self._sql.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'livro_reader' AND datname = current_database()"
        )

    def _projector(self, records: list[dict[str, Any]]) -> None:
        self._returned("projector", app.projector({"Records": records}, Context()))

    def _returned(self, function: str, result: Any) -> None:
        self._results[function] = merged([shape(result)], self._results.get(function))

    def _connect(self) -> Any:
        import pg8000.native

        connection = pg8000.native.Connection(
            self._superuser,
            host=os.environ["DATABASE_HOST"],
            port=int(os.environ["DATABASE_PORT"]),
            database=os.environ["DATABASE_NAME"],
        )
        connection.run("SET search_path TO read_model")
        return connection


def _inserted(event_id: str, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "eventID": event_id,
        "eventName": "INSERT",
        "dynamodb": {"Keys": {"entry_id": item["entry_id"]}, "NewImage": item},
    }
