"""Traces of a POST and its projection as the X-Ray daemon receives them, in and outside Lambda."""

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
    return {
        "PATH": os.defpath,
        "MERCHANT": merchant,
        "STAGE": "test",
        "ENTRIES_TABLE": "entries",
        "QUARANTINE_QUEUE_URL": "https://sqs.sa-east-1.amazonaws.com/000000000000/quarantine",
        "DATABASE_HOST": read_model_database.host,
        "DATABASE_PORT": str(read_model_database.port),
        "DATABASE_NAME": read_model_database.name,
        "DATABASE_TLS": "off",
        "DATABASE_AUTH": "trust",
        "REDIS_HOST": valkey.host,
        "REDIS_PORT": str(valkey.port),
        "REDIS_TLS": "off",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
    }


def run(stores: dict[str, str], work: str = "one", **more: str) -> tuple[dict[str, Any], list[Any]]:
    """Return what the process printed at its end, and its log lines."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.observability.traced_process", work],
        cwd=PROJECT,
        env=stores | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "segredo" not in ran.stdout
    *lines, printed = map(json.loads, ran.stdout.splitlines())
    return printed, lines


def named(documents: list[Document], name: str) -> Document:
    (match,) = [document for document in documents if document["name"] == name]
    return match


def test_projection_is_linked_to_its_post(stores: dict[str, str], xray_daemon: XrayDaemon) -> None:
    printed, lines = run(
        stores, AWS_XRAY_DAEMON_ADDRESS=xray_daemon.address, SENT_TRACE_HEADER=SAMPLED
    )
    documents = xray_daemon.documents()
    post, batch = named(documents, "record_entry"), named(documents, "livro-caixa-test-projector")
    assert printed["status"] == 201
    assert (post["trace_id"], post["parent_id"]) == (ROOT, PARENT)
    assert [part["name"] for part in below(post)] == ["redis", "dynamodb", "redis"]
    put = named(post["subsegments"], "dynamodb")
    assert (put["namespace"], put["aws"]["operation"]) == ("aws", "PutItem")
    assert post["annotations"]["route"] == "POST /v1/entries"
    assert post["annotations"]["outcome"] == "recorded"
    assert printed["origins"] == [f"Root={ROOT};Parent={post['id']};Sampled=1"]

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


def test_lambdas_segment_is_the_parent(stores: dict[str, str], xray_daemon: XrayDaemon) -> None:
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": SAMPLED}
    printed, _ = run(stores, **LAMBDA, **where)
    documents = xray_daemon.documents()
    post, batch = named(documents, "record_entry"), named(documents, "livro-caixa-test-projector")
    assert {document["type"] for document in documents} == {"subsegment"}
    assert (post["trace_id"], post["parent_id"]) == (ROOT, PARENT)
    assert (batch["trace_id"], batch["parent_id"]) == (BATCH_ROOT, BATCH_PARENT)
    parts = [(d["name"], d["trace_id"]) for d in documents if d["parent_id"] == post["id"]]
    assert parts == [("redis", ROOT), ("dynamodb", ROOT), ("redis", ROOT)]
    parts = [(d["name"], d["parent_id"]) for d in documents if d["trace_id"] == BATCH_ROOT]
    assert [name for name, parent in parts if parent == batch["id"]].count("postgresql") == 2
    assert printed["origins"] == [f"Root={ROOT};Parent={post['id']};Sampled=1"]
    assert batch["links"] == [{"trace_id": ROOT, "id": post["id"]}]


def test_threads_are_in_the_batchs_trace(stores: dict[str, str], xray_daemon: XrayDaemon) -> None:
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": SAMPLED}
    printed, lines = run(stores, "batch", **LAMBDA, **where)
    documents = xray_daemon.documents()
    post = named(documents, "record_entries")
    puts = [
        document for document in documents if document.get("aws", {}).get("operation") == "PutItem"
    ]
    assert (printed["status"], len(puts)) == (200, 100)
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
def test_without_daemon_nothing_is_loaded(stores: dict[str, str], where: dict[str, str]) -> None:
    printed, _ = run(stores, **where)
    assert (printed["status"], printed["sdk"]) == (201, False)


def test_unsampled_trace_is_logged_and_costs_nothing(
    stores: dict[str, str], xray_daemon: XrayDaemon
) -> None:
    unsampled = SAMPLED.replace("Sampled=1", "Sampled=0")
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": unsampled}
    in_lambda = LAMBDA | {"PROJECTOR_TRACE_HEADER": unsampled}
    printed, lines = run(stores, **in_lambda, **where)
    assert (xray_daemon.documents(), printed["sdk"]) == ([], False)
    assert printed["origins"] == [unsampled]
    assert {line["trace_id"] for line in lines} == {ROOT}


def test_sampling_is_decided_per_request(stores: dict[str, str], xray_daemon: XrayDaemon) -> None:
    unsampled = BATCH_SAMPLED.replace("Sampled=1", "Sampled=0")
    where = {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": SAMPLED}
    run(stores, **(LAMBDA | {"PROJECTOR_TRACE_HEADER": unsampled}), **where)
    assert {document["trace_id"] for document in xray_daemon.documents()} == {ROOT}


def test_tracing_failure_fails_no_request(stores: dict[str, str]) -> None:
    printed, lines = run(stores, AWS_XRAY_DAEMON_ADDRESS="nonsense", SENT_TRACE_HEADER=SAMPLED)
    assert printed["status"] == 201
    failed = [line for line in lines if line["event"] == "tracing_failed"]
    assert "InvalidDaemonAddress" in str(failed[0]["errors"])
