"""The world of one scenario: stores in memory, the proxy before them, and ports of the real code.

Real is everything in chalicelib's commands, projection, closing and ledger, except SQL,
down to the calls of the clients of DynamoDB, Redis, KMS, S3, EventBridge, SQS and Step Functions.
These clients and the read model are in memory.
"""

import io
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar, cast

import redis
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.closing.aws import EventPublisher, KmsSigner, SealArchive
from chalicelib.closing.ledger_reads import LedgerReads as ClosingLedger
from chalicelib.closing.ports import Ports as ClosingPorts
from chalicelib.closing.public_keys import BucketKeys
from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.executions import Executions
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.projection.authoritative_entries import authoritative_entries
from chalicelib.projection.dead_letters import DeadLetterError, SqsDeadLetters
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.project import Ports as ProjectionPorts
from chalicelib.projection.repairer import Repairer
from chalicelib.storage.postgres import DatabaseUnreachableError
from chalicelib.storage.seal_bucket import key_name
from verification.simulation.clock import ZONE, Clock
from verification.simulation.faults import Fates, FaultPlan, FaultProxy
from verification.simulation.schedule import Schedule, SimulatedCrashError
from verification.simulation.stores import aws_fakes
from verification.simulation.stores.closing_store import MemoryClosingStore
from verification.simulation.stores.ledger_requests import TABLE
from verification.simulation.stores.ledger_table import LedgerTable
from verification.simulation.stores.read_model import MemoryRepairer, MemoryWriter
from verification.simulation.stores.redis import MemoryRedis
from verification.simulation.stores.stream import Stream
from verification.simulation.stores.tables import Tables
from verification.simulation.trace import Trace, parsed

Result = TypeVar("Result")

EXPECTED = (DatabaseUnreachableError, BotoCoreError, ClientError, LivroCaixaError, DeadLetterError)
"""The errors of a process when a store fails; any other is a bug, and ends the scenario."""


class NoAnswerError(Exception):
    """A process ended without a result: it crashed, or its error is the cause."""


class World:
    """Everything of one scenario; the same seed gives the same world.

    `fates` decides what happens to each call; by default the random fault plan. `log` is for what
    the code prints (redirect_stdout).
    """

    def __init__(self, seed: object, fates: Fates | None = None) -> None:
        self.seed = seed
        self.clock = Clock(self.chance("clock"))
        self.fault_plan = FaultPlan(self.chance("weather"), self.clock)
        self.schedule = Schedule(self.chance("schedule"))
        self.trace = Trace()
        self.proxy = FaultProxy(self.schedule, fates or self.fault_plan.fate, self.trace)
        if fates is None:
            self.proxy.delay = self.fault_plan.delay
        self.table = LedgerTable(self.proxy, self.chance("table"), self.clock.seconds)
        self.stream = Stream(self.chance("stream"))
        self.table.written = self.stream.append
        self.cache = MemoryRedis(self.proxy, self.chance("cache"))
        first = self.clock.yesterday
        turns = {number: (first + timedelta(number // 4), None) for number in range(120)}
        self.empty_tables = Tables(segments=dict(turns))
        self.tables = self.empty_tables.backup()
        self.key = aws_fakes.SigningKey(self.proxy, self.chance("signatures"))
        self.bucket = aws_fakes.Bucket(self.proxy, self.chance("bucket"))
        self.bus = aws_fakes.Bus(self.proxy, self.chance("bus"))
        self.queue = aws_fakes.Queue(self.proxy, self.chance("queue"))
        self.machine = aws_fakes.StateMachine(self.proxy, self.chance("executions"))
        self.log = io.StringIO()
        self._salts = 0
        self._entry_cache = self._new_entry_cache()

    def chance(self, name: str) -> random.Random:
        """Return a random source by name, so that more draws from one do not change another.

        The names are literals and part of all saved traces.
        """
        return random.Random(f"{self.seed}/{name}")

    def calm(self) -> None:
        """Let nothing fail, be delayed or get lost from now on."""
        self.fault_plan.clear()
        self.table.is_calm = self.bus.is_calm = self.queue.is_calm = self.bucket.is_calm = True

    def trace_stores(self) -> None:
        """Add the content of every store to the trace."""
        self.trace.add("store dynamodb", self.table.items)
        self.trace.add("store redis", {k: parsed(text) for k, text in self.cache.texts().items()})
        self.trace.add("store read_model", self.tables.content())
        self.trace.add("store s3", self.bucket.objects)
        self.trace.add("store eventbridge", self.bus.events)
        self.trace.add("store sqs", [message["record"] for message in self.queue.messages])
        self.trace.add("store stepfunctions", self.machine.names)

    def invoke(self, work: Callable[[], Result]) -> Result:
        """Run a process; raise NoAnswerError if it crashed or ended with one of EXPECTED."""
        try:
            return work()
        except SimulatedCrashError as crash:
            self._entry_cache = self._new_entry_cache()
            raise NoAnswerError(str(crash)) from None
        except EXPECTED as failure:
            raise NoAnswerError(repr(failure)) from failure

    def commands(self) -> CommandPorts:
        """Return the ports of the write side; its process keeps the cache until one crashes."""
        return CommandPorts(
            ledger=EntryRepository(self.table, TABLE, pause=_at_once),
            cache=self._entry_cache,
            execution_starter=lambda: Executions(self.machine, "arn:aws:states:night").start,
            clock=self.clock.read,
            salt=self._salt,
            zone=ZONE,
        )

    def _new_entry_cache(self) -> IdempotencyCache:
        return IdempotencyCache(cast(redis.Redis, self.cache), TABLE, clock=self.clock.seconds)

    def projection(self) -> ProjectionPorts:
        """Return the ports of a projector."""
        return ProjectionPorts(
            read_model=self.writer(),
            dead_letters=SqsDeadLetters(self.queue, "https://sqs/quarantine"),
            dedup_cache=RedisDedupCache(self.cache, TABLE, window=0.0),
        )

    def writer(self) -> MemoryWriter:
        """Return the read model as a projector writes it."""
        return MemoryWriter(self.tables, self.proxy, self.schedule)

    def repairer(self) -> Repairer:
        """Return the read model as a rebuild repairs it."""
        return cast(Repairer, MemoryRepairer(self.tables, self.proxy, self.schedule))

    def ledger(self) -> LedgerReads:
        """Return the ledger as a rebuild reads it."""
        return LedgerReads(self.table, TABLE, sleep=_at_once, workers=1)

    def closing_store(self, page: int = 2) -> MemoryClosingStore:
        """Return the read model as a consolidation run uses it, `page` merchants at a time."""
        return MemoryClosingStore(self.tables, self.proxy, page)

    def closing_ledger(self) -> ClosingLedger:
        """Return the ledger as a consolidation run reads it."""
        return ClosingLedger(self.table, TABLE, pause=_at_once, workers=1)

    def closing_ports(self) -> ClosingPorts:
        """Return the ports of a consolidation run."""
        archive, store = SealArchive(self.bucket, "seals", _at_once), self.closing_store()

        def publish(key_id: str, public_key: str) -> None:
            archive.put(key_name(key_id), public_key.encode())
            store.store_key(key_id, public_key)

        return ClosingPorts(
            ledger=self.closing_ledger(),
            read_model=store,
            repair=self.repair,
            signer=KmsSigner(self.key, aws_fakes.KEY_ALIAS, publish),
            keys=BucketKeys(archive, store),
            archive=archive,
            events=EventPublisher(self.bus, "bus"),
            clock=self.clock.read_seconds,
            pause=_at_once,
        )

    def repair(self, merchants: Sequence[str], entry_ids: Sequence[str]) -> None:
        """Rewrite entries from the ledger, as the projection does for a consolidation run."""
        ledger = self.ledger()
        self.repairer().repair(merchants, entry_ids, lambda ids: authoritative_entries(ledger, ids))

    def _salt(self) -> str:
        self._salts += 1
        return f"salt-{self.seed}-{self._salts}"


def _at_once(_seconds: float) -> None:
    pass
