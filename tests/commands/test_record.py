"""Recording one entry: new, replay and reused key, by a single put."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordEntry, record
from chalicelib.ledger.errors import IdempotencyKeyReusedError, ValidationError
from tests.commands.examples import NOON, PADARIA, RIVAL, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable, lost_answer


def test_first_request_is_one_put(table: LedgerTable, ports: CommandPorts) -> None:
    recorded = record(ports, PADARIA, sale("k1"))
    assert not recorded.replayed
    assert table.wire.calls == ["PutItem"]
    assert [item["amount_minor"] for item in table.items()] == [{"N": "15075"}]
    entry = recorded.entry
    assert (entry.merchant_id, entry.recorded_by) == ("padaria", "joana")
    assert entry.recorded_at == datetime(2026, 11, 23, 15, 0, 0, 123000, tzinfo=UTC)
    assert entry.occurred_at == "2026-11-23T12:00:00.123-03:00"
    assert entry.origin == PADARIA.origin


@pytest.mark.parametrize("years", [0, 6, 60])
@pytest.mark.parametrize("occurred_at", [None, "2026-11-23T11:59:00-03:00"])
def test_replay_returns_the_first_result_forever(
    table: LedgerTable, ports: CommandPorts, years: int, occurred_at: str | None
) -> None:
    request = sale("k1", occurred_at=occurred_at)
    first = record(ports, PADARIA, request)
    later = ports_over(table, now=NOON + timedelta(days=366 * years, seconds=1))
    again = record(later, replace(PADARIA, subject="pedro"), request)
    assert (again.stored, again.replayed) == (first.stored, True)
    assert table.wire.calls == ["PutItem", "BatchGetItem" if occurred_at and years else "PutItem"]
    assert len(table.items()) == 1


@pytest.mark.parametrize(
    "other",
    [
        sale("k1", amount="150.76"),
        sale("k1", description="outra"),
        sale("k1", description=None),
        sale("k1", occurred_at="2026-11-23T12:00:00-03:00"),
    ],
)
def test_different_body_under_the_key_is_refused(
    table: LedgerTable, ports: CommandPorts, other: RecordEntry
) -> None:
    record(ports, PADARIA, sale("k1"))
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, other)
    assert len(table.items()) == 1


def test_key_belongs_to_its_merchant(table: LedgerTable, ports: CommandPorts) -> None:
    record(ports, PADARIA, sale("k1"))
    assert not record(ports, RIVAL, sale("k1", amount="1.00")).replayed
    assert len(table.items()) == 2


@pytest.mark.parametrize("occurred_at", ["2026-11-23T15:05:00.2Z", "2021-11-23T15:00:00Z"])
def test_moment_outside_the_window_uses_no_key(
    table: LedgerTable, ports: CommandPorts, occurred_at: str
) -> None:
    for replayed in (False, True):
        table.wire.calls.clear()
        with pytest.raises(ValidationError) as error:
            record(ports, PADARIA, sale("k1", occurred_at=occurred_at))
        assert [field_error.field for field_error in error.value.field_errors] == ["occurred_at"]
        assert table.wire.calls == ["BatchGetItem"]
        assert record(ports, PADARIA, sale("k1")).replayed is replayed


def test_withdrawn_currency_depends_on_the_day(table: LedgerTable) -> None:
    before = ports_over(table, now=datetime(2026, 2, 1, 2, 0, tzinfo=UTC))  # the day is 31 January
    sold = sale("k1", currency="BGN")
    assert not record(before, PADARIA, sold).replayed
    after = ports_over(table, now=datetime(2026, 2, 1, 3, 0, tzinfo=UTC))
    assert record(after, PADARIA, sold).replayed
    with pytest.raises(ValidationError, match="up to 2026-01-31"):
        record(after, PADARIA, sale("k2", currency="BGN"))
    late = sale("k2", currency="BGN", occurred_at="2026-01-31T23:59:59-03:00")
    assert not record(after, PADARIA, late).replayed


def test_put_retried_by_the_client_is_no_replay(table: LedgerTable, ports: CommandPorts) -> None:
    table.wire.twist("PutItem", lost_answer)
    replays = [record(ports, PADARIA, sale("k1", metadata={"a": "b"})).replayed for _ in range(2)]
    assert replays == [False, True]
    assert table.wire.calls == ["PutItem"] * 3
    assert len(table.items()) == 1
