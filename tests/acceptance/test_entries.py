"""Entries (lançamentos): recording, batches, reversals, looking up."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.acceptance.consumer import Consumer, fresh_key

SAO_PAULO = timezone(timedelta(hours=-3))
SALE = {"type": "credit", "amount": "150.75"}


def days_ago(days: int, hour: str = "12:00:00") -> str:
    return f"{datetime.now(SAO_PAULO) - timedelta(days=days):%Y-%m-%d}T{hour}-03:00"


def test_an_entry_is_recorded_and_can_be_read_at_once(operator: Consumer) -> None:
    moment = days_ago(1)
    sent: dict[str, Any] = SALE | {
        "currency": "BRL",
        "account": "main",
        "occurred_at": moment,
        "description": " Venda balca\u0303o",
        "category": "sales",
        "metadata": {"order": "A-17"},
    }
    reply = operator.post("/v1/entries", sent)
    assert reply.status == 201
    assert reply.headers["location"] == f"/v1/entries/{reply.json['id']}"
    entry = reply.json
    known = {"description": "Venda balcão", "reverses": None, "reversed_by": None}
    assert {name: entry[name] for name in [*sent, *known]} == sent | known
    assert entry["day"] == moment[:10]
    assert set(entry) == {*sent, *known, "id", "day", "recorded_at", "recorded_by"}
    assert operator.get(f"/v1/entries/{entry['id']}").json == entry


def test_what_is_left_out_or_null_has_its_default(operator: Consumer) -> None:
    before = datetime.now(UTC)
    entry = operator.record(description=None, occurred_at=None, metadata=None)
    assert (entry["currency"], entry["account"], entry["metadata"]) == ("BRL", "main", {})
    assert (entry["description"], entry["category"]) == (None, None)
    occurred = datetime.fromisoformat(entry["occurred_at"])
    assert occurred.utcoffset() == timedelta(hours=-3)
    assert abs(occurred - before) < timedelta(minutes=2)
    assert entry["recorded_at"].endswith("Z")


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("BRL", "0.01"), ("BRL", "9999999999999.99"), ("JPY", "1500"), ("BHD", "1.250")],
)
def test_money_has_the_digits_of_its_currency(
    operator: Consumer, currency: str, amount: str
) -> None:
    entry = operator.record(currency=currency, amount=amount)
    assert (entry["currency"], entry["amount"]) == (currency, amount)


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("BRL", 150.75), ("BRL", "150.7"), ("BRL", "150.750"), ("BRL", "+1.00"), ("BRL", "-1.00"),
        ("BRL", "1e2"), ("BRL", " 1.00"), ("BRL", "1,000.00"), ("BRL", "0.00"), ("BRL", "01.00"),
        ("BRL", "10000000000000.00"), ("JPY", "1500.00"), ("BHD", "1.25"), ("brl", "1.0x"),
        ("XXX", "1.0"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(operator: Consumer, currency: str, amount: Any) -> None:
    reply = operator.post("/v1/entries", SALE | {"currency": currency, "amount": amount})
    assert reply.is_problem(422)
    assert "amount" in reply.faults


def test_half_past_eleven_in_sao_paulo_is_that_day(operator: Consumer) -> None:
    entry = operator.record(occurred_at=days_ago(2, "23:30:00"))
    assert entry["day"] == entry["occurred_at"][:10]
    in_utc = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}T02:30:00Z"
    day_before = datetime.fromisoformat(in_utc).astimezone(SAO_PAULO).date().isoformat()
    assert operator.record(occurred_at=in_utc)["day"] == day_before
    assert day_before < in_utc[:10]


@pytest.mark.parametrize(
    "moment",
    [
        (datetime.now(UTC) + timedelta(minutes=30)).isoformat(),
        (datetime.now(UTC) - timedelta(days=5 * 366)).isoformat(),
        "2026-11-23T14:05:00",
        "2026-11-23",
        "2026-02-30T14:05:00Z",
        1795446000,
    ],
    ids=["ahead", "long ago", "no offset", "no time", "no such day", "a number"],
)
def test_a_moment_that_cannot_be_is_refused(operator: Consumer, moment: Any) -> None:
    reply = operator.post("/v1/entries", SALE | {"occurred_at": moment})
    assert reply.is_problem(422)
    assert reply.faults == ["occurred_at"]


def test_a_reversal_undoes_an_entry_once(operator: Consumer) -> None:
    entry = operator.record(occurred_at=days_ago(3), account="bank")
    path = f"/v1/entries/{entry['id']}"
    key = fresh_key()
    reply = operator.post(f"{path}/reversal", {"reason": "Devolução"}, key)
    assert reply.status == 201
    reversal = reply.json
    assert (reversal["type"], reversal["amount"]) == ("debit", entry["amount"])
    assert (reversal["account"], reversal["description"]) == ("bank", "Devolução")
    assert (reversal["reverses"], reversal["day"] > entry["day"]) == (entry["id"], True)
    assert operator.get(path).json["reversed_by"] == reversal["id"]
    again = operator.post(f"{path}/reversal", {"reason": "Devolução"}, key)
    assert (again.json, again.headers["idempotent-replayed"]) == (reversal, "true")
    assert operator.post(f"{path}/reversal", {"reason": "Devolução"}).is_problem(409)
    of_it = f"/v1/entries/{reversal['id']}/reversal"
    assert operator.post(of_it, {"reason": "x"}).is_problem(409)
    assert operator.post(f"{path}/reversal", {"reason": "other"}, key).is_problem(422)


def test_a_key_makes_one_thing(operator: Consumer) -> None:
    entry_key, reversal_key = fresh_key(), fresh_key()
    entry = operator.post("/v1/entries", SALE, entry_key).json
    path = f"/v1/entries/{entry['id']}/reversal"
    assert operator.post(path, {"reason": "x"}, entry_key).is_problem(422)
    assert operator.post(path, {"reason": "x"}, reversal_key).status == 201
    assert operator.post("/v1/entries", SALE, reversal_key).is_problem(422)
    other = f"/v1/entries/{operator.record()['id']}/reversal"
    assert operator.post(other, {"reason": "x"}, reversal_key).is_problem(422)


@pytest.mark.parametrize("reason", [None, "", "  ", "a" * 201, 7])
def test_a_reversal_has_a_reason(operator: Consumer, reason: Any) -> None:
    path = f"/v1/entries/{operator.record()['id']}/reversal"
    reply = operator.post(path, {"reason": reason})
    assert reply.is_problem(422)
    assert reply.faults == ["reason"]


def test_in_a_batch_one_faulty_entry_stops_no_other(operator: Consumer) -> None:
    good, twice = fresh_key(), fresh_key()
    items: list[Any] = [
        SALE | {"idempotency_key": good},
        SALE | {"idempotency_key": fresh_key(), "amount": "x", "type": None},
        SALE | {"idempotency_key": twice},
        SALE | {"idempotency_key": twice},
        SALE | {"idempotency_key": good, "amount": "1.00"},
        "nothing",
    ]
    reply = operator.post("/v1/entries/batch", {"entries": items}, key=None)
    assert reply.status == 200
    results = reply.json["results"]
    assert [result["status"] for result in results] == [201, 422, 201, 201, 422, 422]
    faults = results[1]["problem"]["errors"]
    assert sorted(fault["field"] for fault in faults) == ["amount", "type"]
    assert results[2] == results[3]
    alone = operator.post("/v1/entries", SALE, good)
    assert (alone.json, alone.headers["idempotent-replayed"]) == (results[0]["entry"], "true")


@pytest.mark.parametrize("entries", [None, [], [SALE] * 101, "x"])
def test_a_batch_has_1_to_100_entries(operator: Consumer, entries: Any) -> None:
    reply = operator.post("/v1/entries/batch", {"entries": entries}, key=None)
    assert reply.is_problem(422)
    assert reply.faults == ["entries"]


def test_a_batch_of_100_is_recorded(operator: Consumer) -> None:
    items = [SALE | {"idempotency_key": fresh_key()} for _ in range(100)]
    results = operator.post("/v1/entries/batch", {"entries": items}, key=None).json["results"]
    assert [result["status"] for result in results] == [201] * 100
    assert len({result["entry"]["id"] for result in results}) == 100
