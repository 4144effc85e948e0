"""A closing opens with what the ledger confirms, whatever happened to the read model before it."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.verification.simulation.conftest import ONE_DAY, Days
from verification.simulation import store_faults
from verification.simulation.faults import Fate
from verification.simulation.opening_invariants import check_openings
from verification.simulation.violations import InvariantError

_LOST = Fate.REQUEST_LOST


@pytest.mark.parametrize("is_marked", [True, False])
def test_false_entry_is_in_no_opening(days: Days, is_marked: bool) -> None:
    days.sell(1)
    first = days.next_day()
    days.run()
    tables = days.world.tables
    store_faults.insert_entry(tables, days.world.chance("a false entry"))
    tables.unsealed = {("padaria", first): tables.marks} if is_marked else {}
    days.sell(2)
    day = days.next_day()
    days.close(day)
    check_openings(days.context)
    assert days.openings()[-1] == (f"{day}", "10.01")


def test_unread_day_is_in_no_opening(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    days.sell(1)
    days.sell(2, is_lost=True)
    unread = days.next_day()
    days.sell(3)
    day = days.next_day()
    query = days.world.table.query

    def failing(**params: Any) -> Any:
        if params["ExpressionAttributeValues"].get(":day") == {"S": f"{unread}#"}:
            raise EndpointConnectionError(endpoint_url="https://aws")
        return query(**params)

    monkeypatch.setattr(days.world.table, "query", failing)
    days.run()
    check_openings(days.context)
    assert days.openings() == []
    monkeypatch.undo()
    days.context.runs.finish(day)
    check_openings(days.context)
    assert days.openings() == [(f"{unread}", "0.00"), (f"{day}", "30.02")]


def test_recreated_read_model_is_closed_from_the_beginning(days: Days) -> None:
    days.sell(1)
    first = days.next_day()
    days.sell(2)
    day = days.next_day()
    days.world.tables.restore(days.world.empty_tables)
    days.sell(3)
    days.run()
    check_openings(days.context)
    assert days.openings() == [(f"{first}", "0.00"), (f"{day}", "10.01")]


@pytest.mark.parametrize("close", [lambda days, _day: days.run(), Days.close])
def test_lost_entry_between_closed_days_is_closed_first(
    days: Days, close: Callable[[Days, date], None]
) -> None:
    """Friday is compared before its sale is recorded, and the sale's stream record is lost."""
    days.sell(1)
    thursday = days.next_day()
    days.run()
    friday = days.next_day()
    days.run()
    days.sell(2, at=days.world.clock.now - ONE_DAY, is_lost=True)
    days.sell(3)
    saturday = days.next_day()
    close(days, saturday)
    check_openings(days.context)
    expected = [(f"{thursday}", "0.00"), (f"{friday}", "10.01"), (f"{saturday}", "30.02")]
    assert days.openings() == expected


@pytest.fixture
def two_closed(days: Days) -> Days:
    """Entry 1 of the first day, and entry 2 of the second, are closed; nothing is checked yet."""
    days.sell(1)
    days.next_day()
    days.run()
    days.sell(2)
    days.next_day()
    days.run()
    return days


def closing_name(number: int) -> str:
    return f"closings/padaria/{number:010}.json"


def forge(days: Days, number: int, as_number: int, opening: str) -> None:
    """Alter the number and the first opening of a closing in the bucket."""
    objects = days.world.bucket.objects
    item = json.loads(objects.pop(closing_name(number)))
    item["sequence"] = as_number
    item["balances"][0]["opening"] = opening
    objects[closing_name(as_number)] = json.dumps(item).encode()


@pytest.mark.parametrize("is_recreated", [True, False])
def test_forged_opening_is_detected(two_closed: Days, is_recreated: bool) -> None:
    """Also when its row is lost, or restored from the bucket."""
    if is_recreated:
        two_closed.world.tables.restore(two_closed.world.empty_tables)
    forge(two_closed, 2, 2, "0.01")
    with pytest.raises(InvariantError, match=r"opens .* with 1, not 1001"):
        check_openings(two_closed.context)


def test_missing_day_is_detected(two_closed: Days) -> None:
    forge(two_closed, 2, 1, "0.00")
    with pytest.raises(InvariantError, match="opens without"):
        check_openings(two_closed.context)


def test_run_that_compared_nothing_excuses_no_missing_entry(days: Days) -> None:
    days.sell(1)
    days.next_day()
    days.world.proxy.fates = lambda port: _LOST if "closings" in port else Fate.ANSWERED
    days.run()
    days.world.proxy.fates = lambda _port: Fate.ANSWERED
    days.sell(2, at=days.world.clock.now - ONE_DAY)
    days.sell(3)
    days.next_day()
    days.run()
    check_openings(days.context)
    days.context.archived.clear()
    objects = days.world.bucket.objects
    name = f"leaves/padaria/{json.loads(objects[closing_name(1)])['entries_root']}.json"
    leaves = json.loads(objects[name])
    leaves["items"] = [leaf for leaf in leaves["items"] if leaf["amount"] == "10.01"]
    objects[name] = json.dumps(leaves).encode()
    forge(days, 2, 2, "10.01")
    with pytest.raises(InvariantError, match="opens without"):
        check_openings(days.context)
