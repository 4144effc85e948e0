"""A drill on the way: a cloud with wires before its stores, who writes, and what was accepted."""

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from verification.fault_injection.book import Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.fault_proxy import wire
from verification.fault_injection.local_stage import Stage
from verification.fault_injection.outcome import Extent
from verification.fault_injection.writing import Writer
from verification.local_cluster import API, PROJECTOR, Laptop


@dataclass
class Drill:
    """A drill on the way: who writes, what was accepted, and how long recovery took."""

    extent: Extent
    laptop: Laptop
    stage: Stage
    book: Book
    writers: Sequence[Writer]
    recoveries: dict[str, float] = field(default_factory=dict)
    lag_seconds: float = 0.0
    poison: set[str] = field(default_factory=set)

    @property
    def short_of(self) -> bool:
        """Whether kills or entries are still missing."""
        return self.stage.kills < self.extent.kills or len(self.book.entries) < self.extent.entries

    def recovered(self, kind: str, seconds: float) -> None:
        """Keep how long it took to be well again, if it is the longest of its kind."""
        self.recoveries[kind] = max(seconds, self.recoveries.get(kind, 0.0))


@contextmanager
def staged(cloud: Laptop, extent: Extent) -> Iterator[Drill]:
    """Put wires before the stores, give everybody a writer, and take it all away at the end."""
    servers = cloud.endpoints["servers"]
    with ExitStack() as at_the_end:
        postgres = at_the_end.enter_context(wire(servers["postgres"]["port"]))
        valkey = at_the_end.enter_context(wire(servers["valkey"]["port"]))
        # Requests read PostgreSQL straight, so that a cut is always the projector's.
        cloud.set_variables(PROJECTOR, {"DATABASE_PORT": str(postgres.port)})
        for function in (PROJECTOR, API):
            cloud.set_variables(function, {"REDIS_PORT": str(valkey.port)})
        book = Book()
        users = {"operator": "padaria", "rival": "rival"}
        # All use the same keys, for a key belongs to its merchant and says nothing to others.
        writers = [
            Writer(Consumer(cloud, user, merchant), book, f"{extent.seed}-{merchant}", keys="key")
            for user, merchant in users.items()
        ]
        stage = Stage(
            cloud,
            postgres,
            valkey,
            random.Random(extent.seed),
            lambda: sum(writer.consumer.unanswered for writer in writers),
        )
        yield Drill(extent, cloud, stage, book, writers)
