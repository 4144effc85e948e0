"""A failure stops only its own merchant, is logged without private texts, and is retried."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import repeat
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pg8000.exceptions import DatabaseError

from chalicelib.closing.consolidate import Consolidator
from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.errors import ConcurrentClosingError, SealMismatchError, StillDiffersError
from chalicelib.closing.ports import MerchantDays, Ports, SealedClosing
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.storage.postgres import (
    DatabaseUnreachableError,
    StatementTimeoutError,
    ValueRejectedError,
)
from tests.closing.corruptions import TODAY, corrupt, is_right
from tests.fixtures.night import YESTERDAY, NightWorld, instead, port, sale
from tests.fixtures.projection import printed

RUN = ConsolidationRun("run", YESTERDAY)


def failing_if(
    world: NightWorld, fails: Callable[[str, date], bool], error: type[Exception] = ConnectionError
) -> Ports:
    """Return ports whose ledger cannot read some days."""

    def day_entries(merchant_id: str, day: date) -> Any:
        if fails(merchant_id, day):
            raise error("CPF 123 of Maria")
        return world.ledger.day_entries(merchant_id, day)

    ports = world.ports()
    return replace(ports, ledger=instead(ports.ledger, day_entries=day_entries))


def merchants(world: NightWorld, count: int) -> list[str]:
    names = [f"{world.merchant}-{number:02}" for number in range(count)]
    world.record(*(sale(name, "a") for name in names))
    return names


def test_failing_merchants_stop_no_other(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    names = merchants(night_world, 5)
    failing = {names[1], names[3]}
    result = night_world.night(ports=failing_if(night_world, lambda name, _: name in failing))
    assert (result["merchants"], result["closed"], result["failed"]) == (5, 3, 2)
    lines = printed(capsys)
    failures = [line for line in lines if line["event"] == "merchant_failed"]
    assert [line["errors"] for line in failures] == [["builtins.ConnectionError"]] * 2
    assert "Maria" not in str(lines) and names[1] not in str(failures)
    assert night_world.night()["closed"] == 2


def test_unfinished_day_is_repaired_and_not_closed(traded: NightWorld) -> None:
    corrupt(traded, "amount altered", TODAY)
    consolidator = Consolidator(traded.ports(), RUN)
    consolidator.consolidate(MerchantDays(traded.merchant, (TODAY,)))
    assert (consolidator.counts.closed, consolidator.counts.failed) == (0, 0)
    assert (is_right(traded), traded.closings(TODAY)) == (True, [])


def test_unavailable_store_ends_the_pass(night_world: NightWorld) -> None:
    consolidator = Consolidator(failing_if(night_world, lambda *_: True), RUN)
    with pytest.raises(ConnectionError):
        for name in merchants(night_world, 12):
            consolidator.consolidate(MerchantDays(name, (YESTERDAY,)))
    assert consolidator.counts.failed == 10


def test_contradicted_seals_do_not_end_the_pass(night_world: NightWorld) -> None:
    failing = set(merchants(night_world, 13)[:11])
    ports = failing_if(night_world, lambda name, _: name in failing, SealMismatchError)
    result = night_world.night(ports=ports)
    assert (result["merchants"], result["closed"], result["failed"]) == (13, 2, 11)


@pytest.mark.parametrize("corruption", ["row deleted", "amount altered", "entry moved"])
def test_rows_altered_before_archiving_are_repaired(
    night_world: NightWorld, corruption: str
) -> None:
    night_world.sell("a")
    night_world.sell("b", account="bank")

    def fail(_name: str, _content: bytes) -> None:
        raise ConnectionError

    unreachable = night_world.ports(archive=night_world.archive(put=fail))
    assert night_world.night(ports=unreachable)["failed"] == 1
    corrupt(night_world, corruption)
    result = night_world.night()
    assert (result["failed"], result["closed"], result["repaired"] > 0) == (0, 0, True)
    assert night_world.read_model.pending([night_world.merchant]) == []


def test_closed_days_are_announced_in_tens(night_world: NightWorld) -> None:
    merchants(night_world, 23)
    sizes: list[int] = []
    events = port(publish=lambda details: sizes.append(len(details)))
    night_world.night(ports=night_world.ports(events=events))
    assert sizes == [10, 10, 3]


def dropping_sessions(world: NightWorld, seconds: float) -> Ports:
    """Return ports whose read model reaches no database for some seconds after its first call."""
    ports, until = world.ports(), world.now + timedelta(seconds=seconds)

    def drop(method: Callable[..., Any]) -> Callable[..., Any]:
        def dropping(*arguments: Any) -> Any:
            if world.now < until:
                raise DatabaseUnreachableError("The session was dropped.")
            return method(*arguments)

        return dropping

    names = ("day_state", "insert_closing", "pending")
    dropped = {name: drop(getattr(ports.read_model, name)) for name in names}
    return replace(ports, read_model=instead(ports.read_model, **dropped))


def test_sessions_dropped_for_8_seconds_fail_nothing(
    night_world: NightWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    night_world.sell("a")
    merchant = MerchantDays(night_world.merchant, (YESTERDAY,))
    consolidator = Consolidator(dropping_sessions(night_world, 8.0), RUN)
    assert consolidator.consolidate(merchant)
    assert consolidator.counts == Counts(merchants=1, closed=1)
    events = [line["event"] for line in printed(capsys)]
    assert events.count("merchant_retried") == 5 and "merchant_failed" not in events


def test_lost_response_is_archived_by_the_retry(night_world: NightWorld) -> None:
    night_world.sell("a")
    ports, lost = night_world.ports(), iter([True])

    def insert_closing(sealed: SealedClosing) -> bool:
        result = ports.read_model.insert_closing(sealed)
        if next(lost, False):
            raise DatabaseUnreachableError("The response was lost.")
        return result

    read_model = instead(ports.read_model, insert_closing=insert_closing)
    assert night_world.night(ports=replace(ports, read_model=read_model))["failed"] == 0
    assert f"closings/{night_world.merchant}/0000000001.json" in night_world.bucket
    assert night_world.read_model.pending([night_world.merchant]) == []


def test_forty_lost_attempts_are_tried_again(night_world: NightWorld) -> None:
    night_world.sell("a")
    ports, taken = night_world.ports(), iter(range(45))

    def insert_closing(sealed: SealedClosing) -> bool:
        return next(taken, None) is None and ports.read_model.insert_closing(sealed)

    read_model = instead(ports.read_model, insert_closing=insert_closing)
    result = night_world.night(ports=replace(ports, read_model=read_model))
    assert (result["closed"], result["failed"]) == (1, 0)


def server_error(state: str) -> DatabaseUnreachableError:
    """Return the error of a statement that the server ended with an SQLSTATE."""
    error = DatabaseUnreachableError(f"SQLSTATE {state}")
    error.__cause__ = DatabaseError({"C": state})
    return error


BUSY: Any = {"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 503}}
TRANSIENT = [
    DatabaseUnreachableError("All connections are in use."),
    *map(server_error, ["08006", "40001", "40P01", "53300", "57P01", "57P03"]),
    LedgerUnavailableError("The ledger does not respond."),
    ConcurrentClosingError("Other runs took the number."),
    ConnectionResetError("peer"),
    EndpointConnectionError(endpoint_url="https://kms"),
    ClientError({"Error": {"Code": "ThrottlingException"}}, "Sign"),
    ClientError(BUSY, "PutObject"),
]
REFUSALS = [
    SealMismatchError("Another root."),
    StillDiffersError("It still differs."),
    StatementTimeoutError("SQLSTATE 57014"),
    *map(server_error, ["0A000", "25006", "42501", "42P01", "P0001", "XX001"]),
    ValueRejectedError("23514"),
    KeyError("amount_minor"),
    ClientError({"Error": {"Code": "AccessDeniedException"}}, "Sign"),
]


@pytest.mark.parametrize(
    ("error", "tries"), [*zip(TRANSIENT, repeat(6)), *zip(REFUSALS, repeat(1))], ids=repr
)
def test_only_transient_errors_are_retried(
    night_world: NightWorld, error: Exception, tries: int
) -> None:
    attempts: list[bool] = []

    def day_entries(_merchant_id: str, _day: date) -> Any:
        attempts.append(True)
        raise error

    ports = night_world.ports()
    ledger = instead(ports.ledger, day_entries=day_entries)
    night_world.sell("a")
    result = night_world.night(ports=replace(ports, ledger=ledger))
    assert (result["failed"], len(attempts)) == (1, tries)
