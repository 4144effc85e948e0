"""A closing opens with what the ledger confirms, whatever happened to the read model before it."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.verification.simulation.conftest import ONE_DAY, Days
from verification.simulation import store_faults
from verification.simulation.opening_invariants import check_openings
from verification.simulation.violations import InvariantError


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


def test_forged_opening_is_detected(days: Days) -> None:
    days.sell(1)
    days.next_day()
    days.run()
    (row,) = days.world.tables.closings.values()
    row.item["balances"][0]["opening"] = "0.01"
    with pytest.raises(InvariantError, match=r"opens .* with 1, not 0"):
        check_openings(days.context)


def test_missing_entry_is_detected(days: Days) -> None:
    days.sell(1)
    days.next_day()
    days.sell(2)
    days.next_day()
    days.run()
    days.world.clock.leap(ONE_DAY)
    tables = days.world.tables
    del tables.closings["padaria", 1]
    tables.closings["padaria", 2].item["balances"][0]["opening"] = "0.00"
    with pytest.raises(InvariantError, match="opens without"):
        check_openings(days.context)
