"""Traces as the X-Ray daemon gets them: of a POST and of its projection, linked, in both worlds."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

import tests.observability.xray_daemon
from local.stores.valkey import Valkey
from tests.fixtures.database import ReadModelDatabase
from tests.house.source import ROOT as PROJECT
from tests.observability.xray_daemon import Document, XrayDaemon, below

xray_daemon = tests.observability.xray_daemon.xray_daemon
ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
BATCH_ROOT, BATCH_PARENT = "1-5759e989-cd862e3fe1be46a994272793", "63995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1"
BATCH_SAMPLED = f"Root={BATCH_ROOT};Parent={BATCH_PARENT};Sampled=1"
LAMBDA = {"LAMBDA_TASK_ROOT": "/var/task", "PROJECTOR_TRACE_HEADER": BATCH_SAMPLED}


@pytest.fixture
def stores(read_model_database: ReadModelDatabase, valkey: Valkey, merchant: str) -> dict[str, str]:
    place = read_model_database
    return {
        "PATH": os.defpath,
        "MERCHANT": merchant,
        "STAGE": "test",
        "ENTRIES_TABLE": "entries",
        "QUARANTINE_QUEUE_URL": "https://sqs.sa-east-1.amazonaws.com/000000000000/quarantine",
        "DATABASE_HOST": place.host,
        "DATABASE_PORT": str(place.port),
        "DATABASE_NAME": place.name,
        "DATABASE_TLS": "off",
        "DATABASE_AUTH": "trust",
        "REDIS_HOST": valkey.host,
        "REDIS_PORT": str(valkey.port),
        "REDIS_TLS": "off",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
    }


def run(stores: dict[str, str], what: str = "one", **more: str) -> tuple[dict[str, Any], list[Any]]:
    """Return what the process answered, and its log lines."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.observability.traced_process", what],
        cwd=PROJECT,
        env=stores | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "segredo" not in ran.stdout
    *lines, answered = map(json.loads, ran.stdout.splitlines())
    return answered, lines


def named(documents: list[Document], name: str) -> Document:
    (result,) = [document for document in documents if document["name"] == name]
    return result


def test_a_post_and_its_projection_are_two_traces_that_are_linked(
    stores: dict[str, str], xray_daemon: XrayDaemon
) -> None:
    answered, lines = run(
        stores, AWS_XRAY_DAEMON_ADDRESS=xray_daemon.address, SENT_TRACE_HEADER=SAMPLED
    )
    documents = xray_daemon.documents()
    post, batch = named(documents, "record_entry"), named(documents, "livro-caixa-test-projector")
    assert answered["status"] == 201
    assert (post["trace_id"], post["parent_id"]) == (ROOT, PARENT)
    assert [part["name"] for part in below(post)] == ["redis", "dynamodb", "redis"]
    put = named(post["subsegments"], "dynamodb")
    assert (put["namespace"], put["aws"]["operation"]) == ("aws", "PutItem")
    assert post["annotations"]["route"] == "POST /v1/entries"
    assert post["annotations"]["outcome"] == "recorded"
    assert answered["origins"] == [f"Root={ROOT};Parent={post['id']};Sampled=1"]

    assert batch["trace_id"] != ROOT
    assert batch["links"] == [{"trace_id": ROOT, "id": post["id"]}]
    assert batch["annotations"]["origin_trace"] == ROOT
    stores_called = [part["name"] for part in below(batch)]
    assert stores_called == ["redis", "postgresql", "postgresql", "redis"]
    statements = [part["metadata"]["default"]["operation"] for part in below(batch)]
    assert statements[1] == "connect"
    assert statements[2].startswith("WITH incoming AS")
    assert [line["trace_id"] for line in lines if line["event"] == "request_answered"] == [ROOT]
    assert "segredo" not in json.dumps(documents)


def test_in_lambda_the_parts_stand_below_the_segment_that_lambda_makes(
    stores: dict[str, str], xray_daemon: XrayDaemon
) -> None:
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": SAMPLED}
    answered, _ = run(stores, **LAMBDA, **where)
    documents = xray_daemon.documents()
    post, batch = named(documents, "record_entry"), named(documents, "livro-caixa-test-projector")
    assert {document["type"] for document in documents} == {"subsegment"}
    assert (post["trace_id"], post["parent_id"]) == (ROOT, PARENT)
    assert (batch["trace_id"], batch["parent_id"]) == (BATCH_ROOT, BATCH_PARENT)
    parts = [(one["name"], one["trace_id"]) for one in documents if one["parent_id"] == post["id"]]
    assert parts == [("redis", ROOT), ("dynamodb", ROOT), ("redis", ROOT)]
    parts = [(one["name"], one["parent_id"]) for one in documents if one["trace_id"] == BATCH_ROOT]
    assert [name for name, parent in parts if parent == batch["id"]].count("postgresql") == 2
    assert answered["origins"] == [f"Root={ROOT};Parent={post['id']};Sampled=1"]
    assert batch["links"] == [{"trace_id": ROOT, "id": post["id"]}]


def test_the_threads_of_a_batch_are_in_its_trace(
    stores: dict[str, str], xray_daemon: XrayDaemon
) -> None:
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": SAMPLED}
    answered, lines = run(stores, "batch", **LAMBDA, **where)
    documents = xray_daemon.documents()
    post = named(documents, "record_entries")
    puts = [
        document for document in documents if document.get("aws", {}).get("operation") == "PutItem"
    ]
    assert (answered["status"], len(puts)) == (200, 100)
    assert {put["parent_id"] for put in puts} == {post["id"]}
    (line,) = [line for line in lines if line["event"] == "request_answered"]
    assert line["EntriesAccepted"] == 100


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"_X_AMZN_TRACE_ID": SAMPLED},
        {"_X_AMZN_TRACE_ID": SAMPLED, **LAMBDA},
        {"SENT_TRACE_HEADER": SAMPLED},
    ],
)
def test_where_no_daemon_listens_nothing_is_loaded(
    stores: dict[str, str], where: dict[str, str]
) -> None:
    answered, _ = run(stores, **where)
    assert (answered["status"], answered["sdk"]) == (201, False)


def test_a_trace_that_is_not_kept_costs_nothing_and_its_id_is_told(
    stores: dict[str, str], xray_daemon: XrayDaemon
) -> None:
    unsampled = SAMPLED.replace("Sampled=1", "Sampled=0")
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": unsampled}
    quiet = LAMBDA | {"PROJECTOR_TRACE_HEADER": unsampled}
    answered, lines = run(stores, **quiet, **where)
    assert (xray_daemon.documents(), answered["sdk"]) == ([], False)
    assert answered["origins"] == [unsampled]
    assert {line["trace_id"] for line in lines} == {ROOT}


def test_a_request_after_a_kept_one_is_not_kept_with_it(
    stores: dict[str, str], xray_daemon: XrayDaemon
) -> None:
    unsampled = BATCH_SAMPLED.replace("Sampled=1", "Sampled=0")
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": SAMPLED}
    run(stores, **(LAMBDA | {"PROJECTOR_TRACE_HEADER": unsampled}), **where)
    assert {document["trace_id"] for document in xray_daemon.documents()} == {ROOT}


def test_tracing_that_breaks_breaks_no_request(stores: dict[str, str]) -> None:
    answered, lines = run(stores, AWS_XRAY_DAEMON_ADDRESS="nonsense", SENT_TRACE_HEADER=SAMPLED)
    assert answered["status"] == 201
    failed = [line for line in lines if line["event"] == "tracing_failed"]
    assert "InvalidDaemonAddress" in str(failed[0]["errors"])
