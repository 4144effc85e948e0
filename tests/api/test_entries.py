"""Entries (lançamentos): recording, reversing and getting them, over both transports."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.api.conftest import Api, Deployed
from tests.fixtures.ledger_table import unreachable
from verification.kit.api_client import ApiClient, fresh_key

SAO_PAULO = timezone(timedelta(hours=-3))
SALE = {"type": "credit", "amount": "150.75"}


@pytest.fixture
def operator(api: Api) -> ApiClient:
    return api.operator


def days_ago(days: int, hour: str = "12:00:00") -> str:
    return f"{datetime.now(SAO_PAULO) - timedelta(days=days):%Y-%m-%d}T{hour}-03:00"


def test_recorded_entry_has_the_contract_form(operator: ApiClient) -> None:
    moment = days_ago(1, "23:30:00.5")
    sent: dict[str, Any] = SALE | {
        "currency": "BRL",
        "account": "main",
        "occurred_at": moment,
        "description": "  Venda balca\u0303o ",
        "category": "sales",
        "metadata": {"order": "A-17"},
    }
    response = operator.post("/v1/entries", sent)
    assert response.status == 201
    entry = response.json
    assert response.headers["location"] == f"/v1/entries/{entry['id']}"
    assert "idempotent-replayed" not in response.headers
    known = {"day": moment[:10], "description": "Venda balcão", "reverses": None}
    made = {name: entry[name] for name in ("id", "recorded_at", "recorded_by")}
    assert entry == sent | known | made | {"reversed_by": None}
    assert operator.get(f"/v1/entries/{entry['id']}").json == entry


def test_absent_and_null_fields_have_defaults(operator: ApiClient) -> None:
    before = datetime.now(UTC)
    nulls = dict.fromkeys(["currency", "account", "occurred_at", "description", "metadata"])
    for body in (SALE, SALE | nulls, SALE | {"metadata": {"order": None}}):
        entry = operator.post("/v1/entries", body).json
        assert (entry["currency"], entry["account"], entry["metadata"]) == ("BRL", "main", {})
        assert (entry["description"], entry["category"]) == (None, None)
        assert entry["day"] == entry["occurred_at"][:10]
        occurred = datetime.fromisoformat(entry["occurred_at"])
        assert occurred.utcoffset() == timedelta(hours=-3)
        assert abs(occurred - before) < timedelta(minutes=2)
        assert entry["recorded_at"].endswith("Z")


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("BRL", "0.01"), ("BRL", "9999999999999.99"), ("JPY", "1500"), ("BHD", "1.250")],
)
def test_amount_has_digits_of_currency(operator: ApiClient, currency: str, amount: str) -> None:
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
def test_malformed_amount_is_rejected(operator: ApiClient, currency: str, amount: Any) -> None:
    response = operator.post("/v1/entries", SALE | {"currency": currency, "amount": amount})
    assert response.is_problem(422)
    assert "amount" in response.error_fields


@pytest.mark.parametrize(("length", "status"), [(200, 201), (201, 422)])
def test_description_has_at_most_200_characters(
    operator: ApiClient, length: int, status: int
) -> None:
    response = operator.post("/v1/entries", SALE | {"description": "x" * length})
    assert response.status == status


def test_half_past_eleven_belongs_to_that_day(operator: ApiClient) -> None:
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
def test_impossible_moment_is_rejected(operator: ApiClient, moment: Any) -> None:
    response = operator.post("/v1/entries", SALE | {"occurred_at": moment})
    assert response.is_problem(422)
    assert response.error_fields == ["occurred_at"]


def test_reversal_undoes_an_entry_once(operator: ApiClient) -> None:
    entry = operator.record(occurred_at=days_ago(3), account="bank", amount="150.75")
    path, key = f"/v1/entries/{entry['id']}", fresh_key()
    response = operator.post(f"{path}/reversal", {"reason": "Devolução"}, key)
    assert response.status == 201
    reversal = response.json
    assert response.headers["location"] == f"/v1/entries/{reversal['id']}"
    assert (reversal["type"], reversal["amount"]) == ("debit", "150.75")
    assert (reversal["account"], reversal["description"]) == ("bank", "Devolução")
    assert (reversal["reverses"], reversal["day"] > entry["day"]) == (entry["id"], True)
    assert operator.get(path).json == entry | {"reversed_by": reversal["id"]}
    again = operator.post(f"{path}/reversal", {"reason": "Devolução"}, key)
    assert (again.json, again.headers["idempotent-replayed"]) == (reversal, "true")
    assert operator.post(f"{path}/reversal", {"reason": "other"}, key).is_problem(422)


def test_conflicting_reversals_have_their_problem_types(operator: ApiClient) -> None:
    path = f"/v1/entries/{operator.record()['id']}/reversal"
    reversal = operator.post(path, {"reason": "x"}).json
    second = operator.post(path, {"reason": "x"})
    of_reversal = operator.post(f"/v1/entries/{reversal['id']}/reversal", {"reason": "x"})
    assert second.is_problem(409) and of_reversal.is_problem(409)
    assert second.json["type"] == "urn:problem-type:livro-caixa:already-reversed"
    assert of_reversal.json["type"] == "urn:problem-type:livro-caixa:reversal-of-reversal"


def test_key_is_good_for_one_request(operator: ApiClient) -> None:
    entry_key, reversal_key = fresh_key(), fresh_key()
    entry = operator.post("/v1/entries", SALE, entry_key).json
    path = f"/v1/entries/{entry['id']}/reversal"
    assert operator.post(path, {"reason": "x"}, entry_key).is_problem(422)
    assert operator.post(path, {"reason": "x"}, reversal_key).status == 201
    assert operator.post("/v1/entries", SALE, reversal_key).is_problem(422)
    other = f"/v1/entries/{operator.record()['id']}/reversal"
    assert operator.post(other, {"reason": "x"}, reversal_key).is_problem(422)


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": " "}, {"reason": "a" * 201}])
def test_reversal_needs_a_reason(operator: ApiClient, body: Any) -> None:
    response = operator.post(f"/v1/entries/{operator.record()['id']}/reversal", body)
    assert response.is_problem(422)
    assert response.error_fields == ["reason"]


@pytest.mark.parametrize("entry_id", ["a" * 32, "nothing", "%2e%2e", "A" * 32, "batch2"])
def test_unknown_entry_is_not_found(operator: ApiClient, entry_id: str) -> None:
    assert operator.get(f"/v1/entries/{entry_id}").is_problem(404)
    assert operator.post(f"/v1/entries/{entry_id}/reversal", {"reason": "x"}).is_problem(404)


def test_entry_of_another_merchant_is_not_found(api: Api) -> None:
    entry = api.operator.record()
    api.settle(entry)
    path = f"/v1/entries/{entry['id']}"
    theirs, unknown = api.rival.get(path), api.rival.get(f"/v1/entries/{'a' * 32}")
    assert theirs.is_problem(404)
    assert theirs.json["detail"] == unknown.json["detail"]
    assert api.rival.post(f"{path}/reversal", {"reason": "mine"}).is_problem(404)
    waited = api.rival.get(f"/v1/daily-balances/{entry['day']}?after={entry['id']}")
    assert waited.json["freshness"]["complete"] is False
    listed = api.rival.get(f"/v1/entries?account={entry['account']}&limit=200").json["items"]
    assert entry["id"] not in [item["id"] for item in listed]


def test_path_parameter_may_be_percent_encoded(operator: ApiClient) -> None:
    entry = operator.record()
    encoded = "".join(f"%{ord(character):02X}" for character in entry["id"])
    assert operator.get(f"/v1/entries/{encoded}").json == entry


def test_unknown_query_parameters_are_rejected(operator: ApiClient) -> None:
    path = f"/v1/entries/{operator.record()['id']}"
    assert operator.post("/v1/entries?dry_run=1", SALE).error_fields == ["dry_run"]
    assert operator.post(f"{path}/reversal?x=1&x=2", {"reason": "x"}).is_problem(400)
    assert operator.get(f"{path}?x=").error_fields == ["x"]


def test_unreachable_ledger_is_503_and_retryable(deployed: Deployed) -> None:
    deployed.table.wire.twist("PutItem", unreachable)
    response = deployed.client.post("/v1/entries", SALE, "k")
    assert (response.status, response.headers["retry-after"]) == (503, "1")
    assert deployed.client.post("/v1/entries", SALE, "k").status == 201


def test_each_outcome_has_its_metric(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    for body, key in [(SALE, "k"), (SALE, "k"), ({}, "l")]:
        deployed.client.post("/v1/entries", body, key)
    deployed.table.wire.twist("PutItem", unreachable)
    deployed.client.post("/v1/entries", SALE, "m")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answered = [line for line in lines if line["event"] == "request_answered"]
    assert [{name for name in line if name.startswith("Entries")} for line in answered] == [
        {"EntriesAccepted"},
        {"EntriesReplayed"},
        {"EntriesRefused"},
        {"EntriesFailed"},
    ]
