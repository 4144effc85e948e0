"""A closing opens with what the ledger confirms, whatever happened to the read model before it."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.principal import Principal
from verification.simulation import actions, store_faults
from verification.simulation.context import Context
from verification.simulation.faults import Fate
from verification.simulation.merchants import Merchants
from verification.simulation.new_requests import numbered_entry
from verification.simulation.nightly_runs import NightlyRuns
from verification.simulation.opening_invariants import check_openings
from verification.simulation.stores.stream import SHARDS
from verification.simulation.stores.tables import Tables
from verification.simulation.violations import InvariantError
from verification.simulation.world import World

ONE_DAY = timedelta(days=1)


@pytest.fixture
def context() -> Iterator[Context]:
    """A world in which nothing fails."""
    world = World("openings", lambda _port: Fate.ANSWERED)
    world.calm()
    with redirect_stdout(world.log):
        runs = NightlyRuns(world, is_impatient=True)
        yield Context(world, Merchants(world), runs, longest_ago=timedelta(0))


def sell(context: Context, number: int) -> None:
    """Record an entry of today, and project it."""
    context.merchants.send(numbered_entry(number), 1)
    for shard in range(SHARDS):
        actions.project_batch(context, shard, 50)
    context.world.schedule.run()
    context.world.clock.leap(timedelta(hours=1))


def lose_a_sale(context: Context, number: int) -> None:
    """Record an entry of today which the stream loses."""
    context.merchants.send(numbered_entry(number), 1)
    for shard in range(SHARDS):
        context.world.stream.trim(shard)


def run(context: Context) -> None:
    """Run yesterday's consolidation."""
    context.trigger(context.world.clock.yesterday)
    context.world.schedule.run()


def openings(context: Context) -> list[tuple[str, str]]:
    """Return the day and the opening of each closing."""
    rows = [row.item for row in context.world.tables.closings.values()]
    return [(item["day"], item["balances"][0]["opening"]) for item in rows]


@pytest.mark.parametrize("is_marked", [True, False])
def test_false_entry_is_in_no_opening(context: Context, is_marked: bool) -> None:
    world = context.world
    sell(context, 1)
    world.clock.leap(ONE_DAY)
    run(context)
    store_faults.insert_entry(world.tables, world.chance("a false entry"))
    if is_marked:
        world.tables.marks += 1
        world.tables.unsealed["padaria", world.clock.yesterday] = world.tables.marks
    else:
        world.tables.unsealed.pop(("padaria", world.clock.yesterday), None)
    sell(context, 2)
    world.clock.leap(ONE_DAY)
    day = world.clock.yesterday
    request = ClosingRequest(day, "close", {"day": day.isoformat()})
    world.invoke(partial(start_closing, world.commands(), Principal("padaria", "alice"), request))
    world.schedule.run()
    check_openings(context)
    assert openings(context)[-1] == (day.isoformat(), "10.01")


def test_unread_day_is_in_no_opening(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    world, day = context.world, context.world.clock.today
    sell(context, 1)
    lose_a_sale(context, 2)
    world.clock.leap(ONE_DAY)
    sell(context, 3)
    world.clock.leap(ONE_DAY)
    query = world.table.query

    def failing(**params: Any) -> Any:
        if params["ExpressionAttributeValues"].get(":day") == {"S": f"{day}#"}:
            raise EndpointConnectionError(endpoint_url="https://aws")
        return query(**params)

    monkeypatch.setattr(world.table, "query", failing)
    run(context)
    check_openings(context)
    assert openings(context) == []
    monkeypatch.undo()
    context.runs.finish(day + ONE_DAY)
    check_openings(context)
    assert openings(context)[-1] == (f"{day + ONE_DAY}", "30.02")


def test_recreated_read_model_is_closed_from_the_beginning(context: Context) -> None:
    world, day = context.world, context.world.clock.today
    sell(context, 1)
    world.clock.leap(ONE_DAY)
    sell(context, 2)
    world.clock.leap(ONE_DAY)
    world.tables.restore(Tables())
    sell(context, 3)
    run(context)
    check_openings(context)
    assert openings(context) == [(f"{day}", "0.00"), (f"{day + ONE_DAY}", "10.01")]


def test_forged_opening_is_detected(context: Context) -> None:
    sell(context, 1)
    context.world.clock.leap(ONE_DAY)
    run(context)
    (row,) = context.world.tables.closings.values()
    row.item["balances"][0]["opening"] = "0.01"
    with pytest.raises(InvariantError, match=r"opens .* with 1, not 0"):
        check_openings(context)
