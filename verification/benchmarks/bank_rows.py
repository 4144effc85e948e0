"""How fast rows of a bank file are recorded and undone, next to POST /v1/entries/batch."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib.commands.bank_rows import RecordRow, record_rows
from chalicelib.commands.batch import record_batch
from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry
from chalicelib.commands.undo_import import finish_undo, undo_rows
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.imported_entries import ImportedRow, imported_draft
from chalicelib.ledger.principal import Principal
from chalicelib.runtime.clients import BATCH_WORKERS
from verification.benchmarks import Extent
from verification.benchmarks.handlers import INSTANT
from verification.benchmarks.results import Comparison, at_most, microseconds, times
from verification.benchmarks.rounds import Contender, interleaved, silence_logs

BATCH = "record a batch, as POST /v1/entries/batch does"
ROWS = "record rows of a bank file"
AGAIN = "record rows again after an undo"
UNDO = "undo rows"
SIZE = 100
LATENCY = 0.005
BOUND = 1.5
PRINCIPAL = Principal("padaria", "joana")
_ABOUT = (
    "{size} entries at a time, through the AWS client, to a table in memory: the CPU time when it "
    "responds at once, and the rate when each of its responses takes {latency:g} ms. A row "
    "is one conditional put, as an entry of a batch is, after one read for all of them; rows that "
    "were undone before are written in transactions, which cost twice as many write units."
)
_IDS = count(1)
Item = dict[str, Any]


class _Body:
    """The body of a response, as the AWS client reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        """Yield all of it."""
        yield self._content


class _Table:
    """Answers the AWS client's requests from memory, after `latency` seconds; all ids are new."""

    def __init__(self, client: Any) -> None:
        self.latency = 0.0
        self._items: dict[str, Item] = {}
        client.meta.events.register("before-send.dynamodb", self._respond)

    def _respond(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        time.sleep(self.latency)
        sent = json.loads(request.body)
        body = json.dumps(self._result(event_name.rpartition(".")[2], sent)).encode()
        return AWSResponse(request.url, 200, HTTPHeaders(), _Body(body))

    def _result(self, operation: str, sent: Any) -> Any:
        if operation == "BatchGetItem":
            ((table, request),) = sent["RequestItems"].items()
            ids = (key["entry_id"]["S"] for key in request["Keys"])
            return {
                "Responses": {table: [self._items[name] for name in ids if name in self._items]}
            }
        writes = [sent] if operation == "PutItem" else [w.get("Put") for w in sent["TransactItems"]]
        self._items |= {put["Item"]["entry_id"]["S"]: put["Item"] for put in writes if put}
        return {}


def _client() -> Any:
    """Return a client as the write side has it; none of its requests leaves the process."""
    import boto3
    from botocore.config import Config

    nobody: Any = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "nobody")
    return boto3.Session().client(
        "dynamodb",
        region_name="sa-east-1",
        **nobody,
        config=Config(max_pool_connections=BATCH_WORKERS),
    )


def measure(extent: Extent) -> Comparison:
    """Return the CPU time and the rate of each way to record entries."""
    client = _client()
    table = _Table(client)
    ports = replace(INSTANT, ledger=EntryRepository(client, "entries"))
    size = min(extent.entries, SIZE)
    contenders = [_contender(name, ports, size) for name in (BATCH, ROWS, AGAIN, UNDO)]
    with silence_logs():
        cpu = interleaved(contenders, extent.rounds, time.process_time)
        table.latency = LATENCY
        rate = interleaved(contenders, extent.rounds)
    rows = [
        [
            contender.name,
            microseconds(cpu.best(contender.name)),
            times(cpu.ratio(contender.name, BATCH)),
            f"{rate.speed(contender.name):,.0f}",
        ]
        for contender in contenders
    ]
    return Comparison(
        title="Recording rows of bank files",
        about=_ABOUT.format(size=size, latency=LATENCY * 1e3),
        columns=["", "CPU time of an entry", "to a batch", "entries a second"],
        rows=rows,
        targets=[at_most(f"{ROWS}, CPU time to a batch", cpu.ratio(ROWS, BATCH), BOUND)],
    )


def _contender(name: str, ports: CommandPorts, size: int) -> Contender:
    """Return what is measured: each run has new entries or rows, and whatever precedes them."""
    runs: list[Callable[[], object]] = []

    def prepare() -> None:
        runs.clear()
        if name == BATCH:
            entries = [_entry() for _ in range(size)]
            runs.append(lambda: record_batch(ports, PRINCIPAL, entries))
            return
        rows = [_row(ports) for _ in range(size)]
        first, second = (f"import-{next(_IDS)}" for _ in range(2))
        identities = [row.identities for row in rows]
        steps: list[Callable[[], object]] = [
            lambda: record_rows(ports, PRINCIPAL, first, rows),
            lambda: undo_rows(ports, PRINCIPAL, first, identities, "Arquivo errado"),
            lambda: record_rows(ports, PRINCIPAL, second, rows),
        ]
        measured = (ROWS, UNDO, AGAIN).index(name)
        for step in steps[:measured]:
            step()
        finish_undo(ports, PRINCIPAL, first)
        runs.append(steps[measured])

    return Contender(name, lambda: [run() for run in runs], size, prepare)


def _entry() -> RecordEntry:
    number = next(_IDS)
    body = {"type": "debit", "amount": "150.75", "description": f"PIX {number}"}
    return RecordEntry(
        f"key-{number}", body, EntryDraft("debit", 15075, description=f"PIX {number}")
    )


def _row(ports: CommandPorts) -> RecordRow:
    number, today = next(_IDS), ports.clock().date()
    content = ImportedRow("bank", "BRL", today, None, -15075, f"PIX {number}", bank_id=str(number))
    draft = imported_draft(content, "import", ports.clock(), ports.zone)
    return RecordRow((f"{number:043}",), draft)
