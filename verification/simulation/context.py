"""What the actions of a scenario share."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from verification.simulation.importers import Importers
from verification.simulation.merchants import Merchants
from verification.simulation.nightly_runs import NightlyRuns
from verification.simulation.stores.tables import Tables
from verification.simulation.world import NoAnswerError, World

MERCHANTS = ("acougue", "banca", "padaria")


@dataclass(frozen=True, slots=True)
class ArchivedClosing:
    """A closing in the bucket: as published, its day, its entries, and the run that sealed it."""

    item: Mapping[str, Any]
    day: date
    entry_ids: frozenset[str]
    run: str

    @property
    def sequence(self) -> int:
        """Its number in the merchant's chain."""
        return int(self.item["sequence"])


@dataclass
class Context:
    """The world, its clients and its runs; `longest_ago` is the largest age of a late entry.

    `reading` are the shards with a projector at work, `invalid_records` the ids of the invalid
    records in the stream; `is_altered` says that somebody altered the read model, `is_restored`
    that it was restored to a `backup`, `has_lost_marks` that it forgot that a day changed.
    `archived` are the closings in the bucket, by merchant, whose openings are checked.
    """

    world: World
    merchants: Merchants
    runs: NightlyRuns
    longest_ago: timedelta
    reading: set[int] = field(default_factory=set)
    invalid_records: list[str] = field(default_factory=list)
    is_altered: bool = False
    is_restored: bool = False
    has_lost_marks: bool = False
    backup: Tables = field(init=False)
    importers: Importers = field(init=False)
    archived: dict[str, list[ArchivedClosing]] = field(default_factory=dict)
    numbers: int = 0
    keys: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.backup = self.world.empty_tables
        self.importers = Importers(self.world)

    def trigger(self, day: date) -> None:
        """Let the schedule trigger a day's consolidation; if it fails, it is an hour later."""

        def triggering() -> None:
            with suppress(NoAnswerError):
                self.world.invoke(lambda: self.runs.trigger(day))

        self.world.schedule.start(triggering)

    def number(self) -> int:
        """Return the next unused number of this scenario."""
        self.numbers += 1
        return self.numbers

    def key(self, merchant_id: str) -> str:
        """Return a merchant's next idempotency key; merchants use the same keys."""
        self.keys[merchant_id] += 1
        return f"key-{self.keys[merchant_id]}"
