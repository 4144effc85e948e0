"""An event bus or a note that fails ends no pass; what is left is done by the next run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import ClosingKey, Ports
from chalicelib.closing.ranges import SingleMerchant
from chalicelib.ledger.errors import ConsolidationUnavailableError
from chalicelib.storage.postgres import DatabaseUnreachableError, ValueRejectedError
from tests.fixtures.night import MIDNIGHT, YESTERDAY, NightWorld, instead, port, sale
from tests.fixtures.projection import printed

RUN = ConsolidationRun("run-of-a-test", YESTERDAY)
BEGINNING = Progress(None, Counts())


def without_bus(ports: Ports, tries: list[int]) -> Ports:
    """Return ports whose event bus accepts nothing; `tries` gets the number of events of each."""

    def publish(details: Sequence[Mapping[str, Any]]) -> None:
        tries.append(len(details))
        raise ConsolidationUnavailableError("The event bus must accept every event.")

    return replace(ports, events=port(publish=publish))


def sell_everywhere(world: NightWorld, count: int) -> None:
    world.record(*(sale(f"{world.merchant}-{number:02}", "a") for number in range(count)))


def test_closings_go_on_without_the_event_bus(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    sell_everywhere(night_world, 25)
    tries: list[int] = []
    summary = night_world.night(ports=without_bus(night_world.ports(), tries))
    assert (summary["merchants"], summary["closed"], summary["failed"]) == (25, 25, 1)
    assert tries == [10] * 6
    failures = [line for line in printed(capsys) if line["event"] == "delivery_failed"]
    assert [line["what"] for line in failures] == ["announcements"]


def test_later_run_announces_what_was_left(night_world: NightWorld) -> None:
    sell_everywhere(night_world, 25)
    night_world.night(ports=without_bus(night_world.ports(), []))
    summary = night_world.night()
    assert (summary["closed"], summary["failed"]) == (0, 0)
    assert len({event["merchant"] for event in night_world.events}) == 25
    names = [f"{night_world.merchant}-{number:02}" for number in range(25)]
    assert night_world.read_model.pending(names) == []


def test_short_outage_of_the_bus_fails_nothing(night_world: NightWorld) -> None:
    night_world.sell("a")
    until = night_world.now + timedelta(seconds=10)

    def publish(details: Sequence[Mapping[str, Any]]) -> None:
        if night_world.now < until:
            raise ConsolidationUnavailableError("The event bus must accept every event.")
        night_world.events.extend(details)

    ports = night_world.ports(events=port(publish=publish))
    assert night_world.night(ports=ports)["failed"] == 0
    assert [event["sequence"] for event in night_world.events] == [1]


def test_merchants_own_pass_fails_without_the_bus(night_world: NightWorld) -> None:
    """So the state machine repeats the pass until the closings are announced."""
    for back in range(15):
        night_world.sell(f"{back}", YESTERDAY - timedelta(back))
    part = SingleMerchant(night_world.merchant)
    with pytest.raises(ConsolidationUnavailableError):
        run_pass(without_bus(night_world.ports(), []), RUN, part, BEGINNING)
    assert len(night_world.rows("closings", "day")) == 15


@pytest.mark.parametrize(
    "error", [DatabaseUnreachableError("SQLSTATE 57P01"), ValueRejectedError("22")]
)
def test_merchants_that_cannot_be_noted_are_closed(
    night_world: NightWorld, error: Exception
) -> None:
    sell_everywhere(night_world, 60)
    ports = night_world.ports()

    def mark_reconciled(_names: Sequence[str], _day: date) -> None:
        raise error

    read_model = instead(ports.read_model, mark_reconciled=mark_reconciled)
    summary = night_world.night(ports=replace(ports, read_model=read_model))
    assert (summary["closed"], summary["failed"]) == (60, 1)
    assert night_world.night()["failed"] == 0


@pytest.fixture
def undelivered(night_world: NightWorld) -> NightWorld:
    """A merchant with 25 closings that are archived and not announced."""
    for back in range(25):
        night_world.sell(f"{back}", YESTERDAY - timedelta(back))
    night_world.night(ports=without_bus(night_world.ports(), []))
    return night_world


def test_pending_closings_are_announced_in_tens(undelivered: NightWorld) -> None:
    ports = undelivered.ports()
    announced: list[int] = []

    def closing(key: ClosingKey) -> Any:
        announced.append(len(undelivered.events))
        return ports.read_model.closing(key)

    read_model = instead(ports.read_model, closing=closing)
    undelivered.night(ports=replace(ports, read_model=read_model))
    assert announced == [0] * 10 + [10] * 10 + [20] * 5


def test_pass_ends_among_pending_closings(undelivered: NightWorld) -> None:
    moments = iter(range(1000))
    ports = undelivered.ports()
    slow = replace(ports, clock=lambda: MIDNIGHT + timedelta(minutes=next(moments)))
    announced: list[int] = []
    progress = BEGINNING
    while not announced or progress.next_after is not None:
        progress = run_pass(slow, RUN, undelivered.merchants, progress)
        announced.append(len(undelivered.events))
    assert announced[:3] == [10, 20, 25]
    assert [event["sequence"] for event in undelivered.events] == list(range(1, 26))
    assert progress.counts == Counts(merchants=1)
