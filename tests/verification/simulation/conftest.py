"""A world in which nothing fails, and the steps of a merchant's days in it."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.principal import Principal
from chalicelib.projection.project import project
from verification.simulation.context import Context
from verification.simulation.faults import Fate
from verification.simulation.merchants import Merchants
from verification.simulation.new_requests import numbered_entry, occurring_at
from verification.simulation.nightly_runs import NightlyRuns
from verification.simulation.stores.stream import SHARDS
from verification.simulation.world import World

ONE_DAY = timedelta(days=1)


@dataclass
class Days:
    """The days of the merchant padaria, and of others."""

    context: Context

    @property
    def world(self) -> World:
        """The world."""
        return self.context.world

    def sell(
        self,
        number: int,
        at: datetime | None = None,
        is_lost: bool = False,
        merchant_id: str = "padaria",
    ) -> None:
        """Record an entry of today or of a moment; project it unless the stream loses it.

        It takes a minute.
        """
        entry = numbered_entry(number, merchant_id)
        self.context.merchants.send(occurring_at(entry, at) if at else entry, 1)
        for shard in range(SHARDS):
            if is_lost:
                self.world.stream.trim(shard)
            records, end = self.world.stream.batch(shard, 50)
            project(records, self.world.projection())
            self.world.stream.advance(shard, end)
        self.world.clock.leap(timedelta(minutes=1))

    def next_day(self, hours: int = 24) -> date:
        """Let a day pass; return the day that is over."""
        self.world.clock.leap(timedelta(hours=hours))
        return self.world.clock.yesterday

    def run(self) -> None:
        """Let the schedule run yesterday's consolidation."""
        self.context.trigger(self.world.clock.yesterday)
        self.world.schedule.run()

    def close(self, day: date) -> None:
        """Request the closing of a day."""
        request = ClosingRequest(day, f"close {len(self.context.runs.status)}", {"day": f"{day}"})
        principal, commands = Principal("padaria", "alice"), self.world.commands()
        self.world.invoke(lambda: start_closing(commands, principal, request))
        self.world.schedule.run()

    def closed(self) -> list[tuple[str, str]]:
        """Return the merchant and the day of each closing, in order."""
        closings = self.world.tables.closings.items()
        return sorted((key[0], row.day.isoformat()) for key, row in closings)

    def openings(self) -> list[tuple[str, str]]:
        """Return the day and the opening of each closing."""
        items = [row.item for row in self.world.tables.closings.values()]
        return [(item["day"], item["balances"][0]["opening"]) for item in items]


@pytest.fixture
def days() -> Iterator[Days]:
    """A world in which nothing fails, and runs do not wait for entries that never arrive."""
    world = World("days", lambda _port: Fate.ANSWERED)
    world.calm()
    with redirect_stdout(world.log):
        runs = NightlyRuns(world, is_impatient=True)
        yield Days(Context(world, Merchants(world), runs, longest_ago=timedelta(0)))
