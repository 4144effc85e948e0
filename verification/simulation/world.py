"""One story's world: the stores in memory, the wire to them, and the real code's ports over it.

What is real: everything in chalicelib/commands, projection (but for its SQL), queries (but for
theirs), consolidation (but for its SQL) and ledger, down to the clients' calls of DynamoDB, Redis,
KMS, S3, EventBridge, SQS and Step Functions. What is in memory: those clients and the read model.
"""

import io
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TypeVar, cast

import redis
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.closing.aws import EventPublisher, KmsSigner, KmsVerifier, SealArchive
from chalicelib.closing.ledger_reads import LedgerReads as NightLedger
from chalicelib.closing.ports import Ports as NightPorts
from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.executions import Executions
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.projection.authoritative_entries import truth
from chalicelib.projection.dead_letters import DeadLetterError, SqsDeadLetters
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.project import Ports as ProjectionPorts
from chalicelib.projection.repairer import Repairer
from chalicelib.storage.postgres import DatabaseUnreachableError
from verification.simulation.clock import ZONE, Clock
from verification.simulation.fault_plan import FaultPlan
from verification.simulation.fault_proxy import Fates, Wire
from verification.simulation.schedule import Schedule, SimulatedCrashError
from verification.simulation.stores.aws_fakes import (
    KEY_ID,
    Bucket,
    Bus,
    Queue,
    SigningKey,
    StateMachine,
)
from verification.simulation.stores.books import MemoryBooks
from verification.simulation.stores.fast_memory import FastMemory
from verification.simulation.stores.ledger_table import TABLE, LedgerTable
from verification.simulation.stores.read_model import MemoryRepairer, MemoryWriter
from verification.simulation.stores.reads import MemoryReads
from verification.simulation.stores.stream import Stream
from verification.simulation.stores.tables import Tables
from verification.simulation.trace import Trace, parsed

Answer = TypeVar("Answer")


EXPECTED = (
    DatabaseUnreachableError,
    BotoCoreError,
    ClientError,
    LivroCaixaError,
    DeadLetterError,
)
"""What a process may end with when a store fails; anything else is a bug, and ends the story."""


class NoAnswerError(Exception):
    """The process that should have answered ended before it did."""


class World:
    """Everything of one story; the same seed gives the same world.

    `fates` decides what becomes of each call, the weather if it is None.
    """

    def __init__(self, seed: object, fates: Fates | None = None) -> None:
        self.seed = seed
        self.clock = Clock(self.chance("clock"))
        self.weather = FaultPlan(self.chance("weather"), self.clock)
        self.schedule = Schedule(self.chance("schedule"))
        self.trace = Trace()
        self.wire = Wire(self.schedule, fates or self.weather.fate, self.trace)
        if fates is None:
            self.wire.delay = self.weather.delay
        self.table = LedgerTable(self.wire, self.chance("table"), self.clock.seconds)
        self.stream = Stream(self.chance("stream"))
        self.table.written = self.stream.append
        self.cache = FastMemory(self.wire, self.chance("cache"))
        self.tables = Tables()
        self.key = SigningKey(self.wire)
        self.bucket = Bucket(self.wire, self.chance("bucket"))
        self.bus = Bus(self.wire, self.chance("bus"))
        self.queue = Queue(self.wire, self.chance("queue"))
        self.machine = StateMachine(self.wire)
        self.reads = MemoryReads(self.tables, self.wire)
        self.said: Counter[str] = Counter()
        self._salts = 0

    def chance(self, name: str) -> random.Random:
        """Return a source of chance of its own, so that more calls to one change no other.

        The names, literals all, are part of every story: another name is another story.
        """
        return random.Random(f"{self.seed}/{name}")

    def calm(self) -> None:
        """Let nothing fail, be late or be lost from now on."""
        self.weather.clear()
        self.table.is_calm = self.bus.is_calm = self.queue.is_calm = self.bucket.is_calm = True

    def trace_stores(self) -> None:
        """Put into the trace what every store holds now."""
        self.trace.add("store dynamodb", self.table.items)
        self.trace.add("store redis", {k: parsed(text) for k, text in self.cache.texts().items()})
        self.trace.add("store read_model", self.tables.content())
        self.trace.add("store s3", self.bucket.objects)
        self.trace.add("store eventbridge", self.bus.events)
        self.trace.add("store sqs", [message["record"] for message in self.queue.messages])
        self.trace.add("store stepfunctions", self.machine.names)

    def invoke(self, work: Callable[[], Answer]) -> Answer:
        """Run work in a process of its own; raise NoAnswerError if it crashed, or a store failed."""
        try:
            return work()
        except SimulatedCrashError as crash:
            raise NoAnswerError(str(crash)) from None
        except EXPECTED as failure:
            raise NoAnswerError(repr(failure)) from failure

    def commands(self) -> CommandPorts:
        """Return the ports of the write side, as a new process makes them."""
        return CommandPorts(
            ledger=EntryRepository(self.table, TABLE, pause=_at_once),
            cache=IdempotencyCache(cast(redis.Redis, self.cache), clock=self.clock.seconds),
            start_execution=Executions(lambda: self.machine, lambda: "arn:aws:states:night").start,
            clock=self.clock.read,
            salt=self._salt,
            zone=ZONE,
        )

    def projection(self) -> ProjectionPorts:
        """Return the ports of a projector."""
        return ProjectionPorts(
            read_model=self.writer(),
            quarantine=SqsDeadLetters(self.queue, "https://sqs/quarantine"),
            memory=RedisDedupCache(self.cache, window=0.0),
        )

    def writer(self) -> MemoryWriter:
        """Return the read model as a projector writes it."""
        return MemoryWriter(self.tables, self.wire, self.schedule)

    def repairer(self) -> Repairer:
        """Return the read model as a rebuild repairs it."""
        return cast(Repairer, MemoryRepairer(self.tables, self.wire, self.schedule))

    def ledger(self) -> LedgerReads:
        """Return the ledger as a rebuild reads it."""
        return LedgerReads(self.table, TABLE, sleep=_at_once, workers=1)

    def books(self, page: int = 2) -> MemoryBooks:
        """Return the read model as the night seals it, so many merchants at a time."""
        return MemoryBooks(self.tables, self.wire, page)

    def night_ledger(self) -> NightLedger:
        """Return the ledger as the night reads it."""
        return NightLedger(self.table, TABLE, pause=_at_once, workers=1)

    def night(self) -> NightPorts:
        """Return the ports of the night."""
        archive, books = SealArchive(self.bucket, "seals", _at_once), self.books()

        def publish(key_id: str, public_key: str) -> None:
            archive.put(f"keys/{key_id}.pem", public_key.encode())
            books.store_key(key_id, public_key)

        return NightPorts(
            ledger=self.night_ledger(),
            read_model=books,
            repair=self.repair,
            signer=KmsSigner(self.key, KEY_ID, publish),
            verifier=KmsVerifier(self.key, publish),
            archive=archive,
            events=EventPublisher(self.bus, "bus"),
            clock=self.clock.read,
            pause=_at_once,
        )

    def repair(self, merchants: Sequence[str], entry_ids: Sequence[str]) -> None:
        """Make entries what the ledger says, as the projection does it for the night."""
        ledger = self.ledger()
        self.repairer().repair(merchants, entry_ids, lambda ids: truth(ledger, ids))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count the log's events instead of printing them."""
        with redirect_stdout(cast(io.TextIOBase, _Log(self.said))):
            yield

    def _salt(self) -> str:
        self._salts += 1
        return f"salt-{self.seed}-{self._salts}"


_BEGINS = '{"event": "'


class _Log:
    """Takes the log's lines, and counts the events that they tell."""

    def __init__(self, said: Counter[str]) -> None:
        self._said = said

    def write(self, line: str) -> int:
        self._said[line[len(_BEGINS) : line.index('"', len(_BEGINS))]] += 1
        return len(line)

    def flush(self) -> None:
        pass


def _at_once(_seconds: float) -> None:
    pass
