"""Each final invariant detects its own violation, in a scenario that passed."""

import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ledger.balances import Totals
from chalicelib.storage.dynamodb_items import is_entry
from verification.simulation import closing_invariants, final_invariants
from verification.simulation.scenario import Scenario, accepted_entries, untraced
from verification.simulation.violations import CLOSING, DOUBLED, DRIFT, LOST, InvariantError
from verification.simulation.world import World


@pytest.fixture(scope="module")
def passed() -> Scenario:
    """A scenario that passed, with imports, of which one was undone."""
    scenario = Scenario(World(13))
    untraced(scenario.world)
    with redirect_stdout(scenario.world.log):
        scenario.run()
        scenario.settle()
    return scenario


@pytest.fixture
def scenario(passed: Scenario) -> Iterator[Scenario]:
    """The scenario that passed, whose stores are as before at the end of each test."""
    world = passed.world
    tables, items, objects = world.tables.backup(), world.table.items, world.bucket.objects
    world.table.items, world.bucket.objects = deepcopy(items), dict(objects)
    with redirect_stdout(world.log):
        yield passed
    world.tables.restore(tables)
    world.table.items, world.bucket.objects = items, objects


def check(scenario: Scenario) -> None:
    """Check the final invariants once more."""
    ledger = accepted_entries(scenario.context)
    final_invariants.check_read_model(scenario.world, ledger)
    closing_invariants.check_chains(scenario.world)


def lose_a_recorded_entry(scenario: Scenario) -> None:
    requests = scenario.context.merchants.log.entries()
    entry = next(request.recorded_entry for request in requests if request.recorded_entry)
    del scenario.world.table.items[entry.entry_id]


def record_an_entry_twice(scenario: Scenario) -> None:
    items = scenario.world.table.items
    item = next(item for item in items.values() if is_entry(item))
    items["z" * 32] = {**item, "entry_id": {"S": "z" * 32}}


def lose_an_undo(scenario: Scenario) -> None:
    del scenario.world.table.items[imported_item(scenario, is_reversal=True)["entry_id"]["S"]]


def undo_on_another_day(scenario: Scenario) -> None:
    imported_item(scenario, is_reversal=True)["day"] = {"S": "2024-01-01"}


def record_a_row_again(scenario: Scenario) -> None:
    item = imported_item(scenario, is_reversal=False)
    again = {"entry_id": {"S": "z" * 32}}
    scenario.world.table.items["z" * 32] = {**item, **again}


def imported_item(scenario: Scenario, is_reversal: bool) -> dict[str, Any]:
    """Return the last item of an imported entry, or of a reversal by an undo."""
    items = reversed(scenario.world.table.items.values())
    entries = (item for item in items if is_entry(item) and "import_id" in item)
    return next(item for item in entries if ("reverses" in item) == is_reversal)


def add_to_a_total(table: str, totals: Totals) -> Callable[[Scenario], None]:
    return lambda scenario: _change_first(
        getattr(scenario.world.tables, table), lambda line: line.plus(totals)
    )


def store_another_account(scenario: Scenario) -> None:
    _change_first(
        scenario.world.tables.entries,
        lambda row: replace(row, entry=row.entry._replace(account="other")),
    )


def alter_archived(folder: str, change: Callable[[Any], object]) -> Callable[[Scenario], None]:
    def harm(scenario: Scenario) -> None:
        objects = scenario.world.bucket.objects
        name = min(name for name in objects if name.startswith(folder))
        content = json.loads(objects[name])
        change(content)
        objects[name] = json.dumps(content).encode()

    return harm


def test_a_passed_scenario_violates_no_invariant(scenario: Scenario) -> None:
    check(scenario)


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (lose_a_recorded_entry, LOST),
        (record_an_entry_twice, DOUBLED),
        (lose_an_undo, DOUBLED),
        (undo_on_another_day, DRIFT),
        (record_a_row_again, DOUBLED),
        (add_to_a_total("days", Totals(1, 0, 0)), DRIFT),
        (add_to_a_total("categories", Totals(0, 1, 0)), DRIFT),
        (add_to_a_total("years", Totals(0, 0, 1)), DRIFT),
        (store_another_account, DRIFT),
        (lambda scenario: scenario.world.tables.entries.popitem(), LOST),
        (alter_archived("closings/", lambda closing: closing.update(entries=-1)), CLOSING),
        (alter_archived("leaves/", lambda day: day["items"][0].update(amount="0.01")), CLOSING),
    ],
)
def test_a_violation_is_detected(
    scenario: Scenario, harm: Callable[[Scenario], object], kind: str
) -> None:
    harm(scenario)
    with pytest.raises(InvariantError) as error:
        check(scenario)
    assert error.value.kind == kind


def _change_first(rows: dict[Any, Any], change: Callable[[Any], Any]) -> None:
    name = min(rows)
    rows[name] = change(rows[name])
