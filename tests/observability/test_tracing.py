"""Traces of a POST and its projection as the X-Ray daemon receives them, in and outside Lambda."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from local.stores.valkey import Valkey
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.emulated_stage import variables
from tests.house.source import ROOT as PROJECT

Document = dict[str, Any]
Run = Callable[..., tuple[Document, list[Document]]]
ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
BATCH_ROOT, BATCH_PARENT = "1-5759e989-cd862e3fe1be46a994272793", "63995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1"
BATCH_SAMPLED = f"Root={BATCH_ROOT};Parent={BATCH_PARENT};Sampled=1"
LAMBDA = {
    "LAMBDA_TASK_ROOT": "/var/task",
    "_X_AMZN_TRACE_ID": SAMPLED,
    "PROJECTOR_TRACE_HEADER": BATCH_SAMPLED,
}


class Daemon(socket.socket):
    """An X-Ray daemon: a UDP socket, whose buffer holds what an ended process has sent."""

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which a process uses it."""
        return {"AWS_XRAY_DAEMON_ADDRESS": "{}:{}".format(*self.getsockname())}

    def documents(self) -> list[Document]:
        """Return the documents received since the last call."""
        documents = []
        with suppress(BlockingIOError):
            while True:
                header, document = self.recv(1 << 16).decode().split("\n", 1)
                assert json.loads(header) == {"format": "json", "version": 1}
                documents.append(json.loads(document))
        return documents


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with Daemon(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        yield listening


@pytest.fixture
def run(read_model_database: ReadModelDatabase, valkey: Valkey, merchant: str) -> Run:
    """Run a process with more variables; return what it printed at its end, and its log lines."""
    database = read_model_database
    stores = {
        **variables(database.host, database.port, database.name, valkey.port, "test"),
        "PATH": os.defpath,
        "MERCHANT": merchant,
        "ENTRIES_TABLE": "entries",
        "QUARANTINE_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/quarantine",
    }

    def run_process(more: dict[str, str], *words: str) -> tuple[Document, Any]:
        command = [sys.executable, "-m", "tests.observability.traced_process", *(words or ["one"])]
        ran = subprocess.run(
            command, cwd=PROJECT, env=stores | more, capture_output=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert b"segredo" not in ran.stdout
        *lines, printed = map(json.loads, ran.stdout.splitlines())
        return printed, lines

    return run_process


def below(document: Document) -> Iterator[Document]:
    """Return the subsegments of a document, at any depth."""
    for part in document.get("subsegments", []):
        yield part
        yield from below(part)


def named(documents: list[Document], name: str) -> Document:
    (match,) = [document for document in documents if document["name"] == name]
    return match


def test_projection_is_linked_to_its_post(run: Run, daemon: Daemon) -> None:
    printed, lines = run(daemon.variables | {"SENT_TRACE_HEADER": SAMPLED})
    documents = daemon.documents()
    post, batch = named(documents, "record_entry"), named(documents, "livro-caixa-test-projector")
    assert printed["status"] == 201
    assert (post["trace_id"], post["parent_id"]) == (ROOT, PARENT)
    assert [part["name"] for part in below(post)] == ["redis", "dynamodb", "redis"]
    put = named(post["subsegments"], "dynamodb")
    assert (put["namespace"], put["aws"]["operation"]) == ("aws", "PutItem")
    notes = {"route": "POST /v1/entries", "outcome": "recorded"}
    assert notes.items() <= post["annotations"].items()
    assert printed["origins"] == [f"Root={ROOT};Parent={post['id']};Sampled=1"]
    assert batch["trace_id"] != ROOT
    assert batch["links"] == [{"trace_id": ROOT, "id": post["id"]}]
    assert batch["annotations"]["origin_trace"] == ROOT
    parts = list(below(batch))
    assert [part["name"] for part in parts] == ["redis", "postgresql", "postgresql", "redis"]
    statements = [part["metadata"]["default"]["operation"] for part in parts[1:3]]
    assert [text[:16] for text in statements] == ["connect", "WITH incoming AS"]
    assert [line["trace_id"] for line in lines if line["event"] == "request_answered"] == [ROOT]
    assert "segredo" not in json.dumps(documents)


def test_lambdas_segment_is_the_parent(run: Run, daemon: Daemon) -> None:
    printed, _ = run(daemon.variables | LAMBDA)
    documents = daemon.documents()
    post, batch = named(documents, "record_entry"), named(documents, "livro-caixa-test-projector")
    assert {document["type"] for document in documents} == {"subsegment"}
    assert (post["trace_id"], post["parent_id"]) == (ROOT, PARENT)
    assert (batch["trace_id"], batch["parent_id"]) == (BATCH_ROOT, BATCH_PARENT)
    parts = [(d["name"], d["trace_id"]) for d in documents if d["parent_id"] == post["id"]]
    assert parts == [("redis", ROOT), ("dynamodb", ROOT), ("redis", ROOT)]
    projected = [d for d in documents if d["parent_id"] == batch["id"]]
    assert {d["trace_id"] for d in projected} == {BATCH_ROOT}
    assert [d["name"] for d in projected].count("postgresql") == 2
    assert printed["origins"] == [f"Root={ROOT};Parent={post['id']};Sampled=1"]
    assert batch["links"] == [{"trace_id": ROOT, "id": post["id"]}]


def test_threads_are_in_the_batchs_trace(run: Run, daemon: Daemon) -> None:
    printed, lines = run(daemon.variables | LAMBDA, "batch")
    documents = daemon.documents()
    post = named(documents, "record_entries")
    puts = [part for part in documents if part.get("aws", {}).get("operation") == "PutItem"]
    assert (printed["status"], len(puts)) == (200, 100)
    assert {put["parent_id"] for put in puts} == {post["id"]}
    accepted = [line["EntriesAccepted"] for line in lines if line["event"] == "request_answered"]
    assert accepted == [100]


def test_without_daemon_nothing_is_loaded(run: Run) -> None:
    headers = [{}, {"_X_AMZN_TRACE_ID": SAMPLED}, LAMBDA, {"SENT_TRACE_HEADER": SAMPLED}]
    last, lines = run({}, "one", *map(json.dumps, headers))
    printed = [*(line for line in lines if "sdk" in line), last]
    assert [(each["status"], each["sdk"]) for each in printed] == [(201, False)] * 4


def test_unsampled_trace_is_logged_and_costs_nothing(run: Run, daemon: Daemon) -> None:
    unsampled = SAMPLED.replace("Sampled=1", "Sampled=0")
    headers = {"_X_AMZN_TRACE_ID": unsampled, "PROJECTOR_TRACE_HEADER": unsampled}
    printed, lines = run(daemon.variables | LAMBDA | headers)
    assert (daemon.documents(), printed["sdk"]) == ([], False)
    assert printed["origins"] == [unsampled]
    assert {line["trace_id"] for line in lines} == {ROOT}


def test_sampling_is_decided_per_request(run: Run, daemon: Daemon) -> None:
    unsampled = BATCH_SAMPLED.replace("Sampled=1", "Sampled=0")
    run(daemon.variables | LAMBDA | {"PROJECTOR_TRACE_HEADER": unsampled})
    assert {document["trace_id"] for document in daemon.documents()} == {ROOT}


def test_tracing_failure_fails_no_request(run: Run) -> None:
    printed, lines = run({"AWS_XRAY_DAEMON_ADDRESS": "nonsense", "SENT_TRACE_HEADER": SAMPLED})
    assert printed["status"] == 201
    failed = [line for line in lines if line["event"] == "tracing_failed"]
    assert "InvalidDaemonAddress" in str(failed[0]["errors"])
