"""Recording one entry: new, replay and reused key, by the ledger's one put alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import without_texts
from chalicelib.ledger.errors import IdempotencyKeyReusedError, ValidationError
from chalicelib.storage.dynamodb_items import entry_item
from tests.commands.examples import NOON, PADARIA, RIVAL, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, lost_answer


def test_a_first_request_is_one_put_and_no_read(ledger_table: LedgerTable) -> None:
    recorded = record(ports_over(ledger_table), PADARIA, sale("k1"))
    assert not recorded.replayed
    assert ledger_table.wire.calls == ["PutItem"]
    assert [item["amount_minor"] for item in ledger_table.items()] == [{"N": "15075"}]


def test_an_entry_says_who_recorded_it_when_and_by_which_trace(ledger_table: LedgerTable) -> None:
    entry = record(ports_over(ledger_table), PADARIA, sale("k1")).entry
    assert (entry.merchant_id, entry.recorded_by) == ("padaria", "joana")
    assert entry.recorded_at == datetime(2026, 11, 23, 15, 0, 0, 123000, tzinfo=UTC)
    assert entry.origin == PADARIA.origin


def test_an_entry_without_a_moment_occurred_at_receipt(ledger_table: LedgerTable) -> None:
    entry = record(ports_over(ledger_table), PADARIA, sale("k1")).entry
    assert entry.occurred_at == "2026-11-23T12:00:00.123-03:00"


def test_a_moment_as_sent_comes_back_and_counts_for_its_business_day(
    ledger_table: LedgerTable,
) -> None:
    sent = "2026-11-23T02:30:00.5Z"
    entry = record(ports_over(ledger_table), PADARIA, sale("k1", occurred_at=sent)).entry
    assert entry.occurred_at == sent
    assert entry.day == date(2026, 11, 22)


def test_half_past_eleven_at_night_in_sao_paulo_is_that_day(ledger_table: LedgerTable) -> None:
    late = ports_over(ledger_table, now=datetime(2026, 11, 24, 2, 30, tzinfo=UTC))
    assert record(late, PADARIA, sale("k1")).entry.day == date(2026, 11, 23)


@pytest.mark.parametrize("years", [0, 1, 6, 60])
@pytest.mark.parametrize("occurred_at", [None, "2026-11-23T11:59:00-03:00"])
def test_a_replay_gives_the_first_answer_for_ever(
    ledger_table: LedgerTable, years: int, occurred_at: str | None
) -> None:
    request = sale("k1", occurred_at=occurred_at)
    first = record(ports_over(ledger_table), PADARIA, request)
    later = ports_over(ledger_table, now=NOON + timedelta(days=366 * years, seconds=1))
    again = record(later, PADARIA, request)
    assert again.replayed
    assert again.stored == first.stored
    assert len(ledger_table.items()) == 1


def test_a_replay_costs_one_put(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    record(ports, PADARIA, sale("k1"))
    record(ports, PADARIA, sale("k1"))
    assert ledger_table.wire.calls == ["PutItem", "PutItem"]


def test_a_colleague_may_send_the_same_request_again(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    record(ports, PADARIA, sale("k1"))
    again = record(ports, replace(PADARIA, subject="pedro"), sale("k1"))
    assert again.replayed
    assert again.entry.recorded_by == "joana"


def test_the_order_of_keys_makes_no_other_body(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    request = sale("k1", metadata={"a": "1", "b": "2"})
    record(ports, PADARIA, request)
    turned = {"metadata": {"b": "2", "a": "1"}, "amount": "150.75", "type": "credit"}
    assert record(ports, PADARIA, replace(request, body=turned)).replayed


@pytest.mark.parametrize(
    "other",
    [
        sale("k1", amount="150.76"),
        sale("k1", currency="BRL"),
        sale("k1", account="main"),
        sale("k1", description="outra"),
        sale("k1", description=None),
        sale("k1", metadata={}),
        sale("k1", category="sales"),
        sale("k1", occurred_at="2026-11-23T12:00:00-03:00"),
    ],
)
def test_another_body_under_the_key_is_refused(
    ledger_table: LedgerTable, other: RecordEntry
) -> None:
    ports = ports_over(ledger_table)
    record(ports, PADARIA, sale("k1"))
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, other)
    assert len(ledger_table.items()) == 1


def test_a_key_belongs_to_its_merchant(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    record(ports, PADARIA, sale("k1"))
    assert not record(ports, RIVAL, sale("k1", amount="1.00")).replayed
    assert len(ledger_table.items()) == 2


def test_the_key_of_a_reversal_makes_no_entry(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    first = record(ports, PADARIA, sale("k1")).entry
    reverse(ports, PADARIA, reversal(first.entry_id, "k2"))
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, sale("k2"))


def test_after_an_erasure_the_rest_of_the_body_tells_a_replay(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    first = record(ports, PADARIA, sale("k1", description="CPF 123")).stored
    erased = replace(first, entry=without_texts(first.entry))
    ledger_table.client.put_item(TableName=ledger_table.name, Item=entry_item(erased))
    again = record(ports, PADARIA, sale("k1", description="CPF 123"))
    assert again.replayed
    assert again.entry.description is None
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, sale("k1", amount="1.00", description="CPF 123"))


@pytest.mark.parametrize("occurred_at", ["2026-11-23T15:05:00.123456Z", "2021-11-23T15:00:01Z"])
def test_the_edges_of_the_clocks_window_are_in_it(
    ledger_table: LedgerTable, occurred_at: str
) -> None:
    assert record(ports_over(ledger_table), PADARIA, sale("k1", occurred_at=occurred_at))


@pytest.mark.parametrize("occurred_at", ["2026-11-23T15:05:00.2Z", "2021-11-23T15:00:00Z"])
def test_beyond_the_clocks_window_nothing_is_put_and_the_key_stays_free(
    ledger_table: LedgerTable, occurred_at: str
) -> None:
    ports = ports_over(ledger_table)
    with pytest.raises(ValidationError) as error:
        record(ports, PADARIA, sale("k1", occurred_at=occurred_at))
    assert [field_error.field for field_error in error.value.field_errors] == ["occurred_at"]
    assert ledger_table.wire.calls == ["BatchGetItem"]
    assert not record(ports, PADARIA, sale("k1")).replayed


def test_the_clock_still_refuses_another_body_under_a_used_key(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    record(ports, PADARIA, sale("k1"))
    with pytest.raises(ValidationError) as error:
        record(ports, PADARIA, sale("k1", occurred_at="2036-01-01T00:00:00Z"))
    assert not isinstance(error.value, IdempotencyKeyReusedError)


def test_a_put_that_was_sent_twice_by_itself_is_no_replay(ledger_table: LedgerTable) -> None:
    ledger_table.wire.twist("PutItem", lost_answer)
    ports = ports_over(ledger_table)
    first = record(ports, PADARIA, sale("k1", metadata={"order": "A-17"}))
    assert ledger_table.wire.calls == ["PutItem", "PutItem"]
    assert not first.replayed
    assert record(ports, PADARIA, sale("k1", metadata={"order": "A-17"})).replayed
    assert len(ledger_table.items()) == 1
