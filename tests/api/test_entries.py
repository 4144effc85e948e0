"""Entries (lançamentos): recording, reversing, erasing and getting them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.api.conftest import Api, Deployed
from tests.fixtures.ledger_table import unreachable
from tests.fixtures.projection import printed
from verification.kit.api_client import ApiClient, Response, fresh_key

SAO_PAULO = timezone(timedelta(hours=-3))
SALE = {"type": "credit", "amount": "150.75"}
TEXTS = SALE | {"description": "Maria", "metadata": {"cpf": "123"}}


def days_ago(days: int, hour: str = "12:00:00") -> str:
    return f"{datetime.now(SAO_PAULO) - timedelta(days=days):%Y-%m-%d}T{hour}-03:00"


def test_recorded_entry_has_the_contract_form(operator: ApiClient) -> None:
    moment = days_ago(1, "23:30:00.50000000000000000001")
    sent: dict[str, Any] = SALE | {
        "currency": "BRL",
        "account": "main",
        "occurred_at": moment,
        "description": "  Venda balca\u0303o \n",
        "category": "sales",
        "metadata": {"order": "A-17"},
    }
    response = operator.post("/v1/entries", sent)
    entry = response.json
    assert (response.status, "idempotent-replayed" in response.headers) == (201, False)
    assert response.headers["location"] == f"entries/{entry['id']}"
    known = {"day": moment[:10], "description": "Venda balcão", "recorded_category": "sales"}
    made = {name: entry[name] for name in ("id", "recorded_at", "recorded_by")}
    assert entry == sent | known | made | {"reverses": None, "reversed_by": None}
    assert list(entry)[:3] == ["id", "type", "amount"]
    encoded = "".join(f"%{ord(character):02X}" for character in entry["id"])
    for entry_id in (entry["id"], encoded):
        assert operator.get(f"/v1/entries/{entry_id}").json == entry


def test_absent_and_null_fields_have_defaults(operator: ApiClient) -> None:
    nulls = dict.fromkeys(["currency", "account", "occurred_at", "description", "metadata"])
    for body in (SALE, SALE | nulls, SALE | {"metadata": {"order": None}}):
        entry = operator.post("/v1/entries", body).json
        assert (entry["currency"], entry["account"], entry["metadata"]) == ("BRL", "main", {})
        assert (entry["description"], entry["category"]) == (None, None)
        assert entry["day"] == entry["occurred_at"][:10]
        occurred = datetime.fromisoformat(entry["occurred_at"])
        assert occurred.utcoffset() == timedelta(hours=-3)
        assert abs(occurred - datetime.now(UTC)) < timedelta(minutes=2)
        assert entry["recorded_at"].endswith("Z")


@pytest.mark.parametrize("days", [1, -5 * 366])
def test_impossible_moment_is_rejected(operator: ApiClient, days: int) -> None:
    body = SALE | {"occurred_at": days_ago(-days)}
    assert operator.post("/v1/entries", body).is_problem(422, "occurred_at")


def test_reversal_undoes_an_entry_once(operator: ApiClient) -> None:
    entry = operator.record(occurred_at=days_ago(3), account="bank", amount="150.75")
    path, key = f"/v1/entries/{entry['id']}", fresh_key()
    tag = operator.get(path).headers["etag"]
    response = operator.post(f"{path}/reversal", {"reason": "Devolução"}, key)
    reversal = response.json
    assert response.status == 201
    # Both resolve against the request's address, below any stage.
    assert response.headers["location"] == f"../{reversal['id']}"
    url = urljoin(f"https://example.org/api{path}/reversal", response.headers["location"])
    assert url == f"https://example.org/api/v1/entries/{reversal['id']}"
    assert (reversal["type"], reversal["amount"]) == ("debit", "150.75")
    assert (reversal["account"], reversal["description"]) == ("bank", "Devolução")
    assert (reversal["reverses"], reversal["day"] > entry["day"]) == (entry["id"], True)
    read = operator.get(path, if_none_match=tag)
    assert (read.status, read.json) == (200, entry | {"reversed_by": reversal["id"]})
    again = operator.post(f"{path}/reversal", {"reason": "Devolução"}, key)
    assert (again.json, again.headers["idempotent-replayed"]) == (reversal, "true")
    assert operator.post(f"{path}/reversal", {"reason": "other"}, key).is_problem(422)
    second = operator.post(f"{path}/reversal", {"reason": "x"})
    of_reversal = operator.post(f"/v1/entries/{reversal['id']}/reversal", {"reason": "x"})
    assert second.is_problem(409) and of_reversal.is_problem(409)
    assert second.json["type"] == "urn:problem-type:livro-caixa:already-reversed"
    assert of_reversal.json["type"] == "urn:problem-type:livro-caixa:reversal-of-reversal"


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": " "}, {"reason": "a" * 201}])
def test_reversal_needs_a_reason(operator: ApiClient, body: Any) -> None:
    path = f"/v1/entries/{operator.record()['id']}/reversal"
    assert operator.post(path, body).is_problem(422, "reason")


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


def test_each_outcome_has_its_metric(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    for body, key in [(SALE, "k"), (SALE, "k"), ({}, "l")]:
        deployed.client.post("/v1/entries", body, key)
    deployed.table.wire.twist("PutItem", unreachable)
    response = deployed.client.post("/v1/entries", SALE, "m")
    assert (response.status, response.headers["retry-after"]) == (503, "1")
    answered = [line for line in printed(capsys) if line["event"] == "request_answered"]
    metrics = [name for line in answered for name in line if name.startswith("Entries")]
    assert metrics == ["EntriesAccepted", "EntriesReplayed", "EntriesRefused", "EntriesFailed"]


@pytest.fixture
def sold(api: Api) -> dict[str, Any]:
    """An entry with texts."""
    entry: dict[str, Any] = api.operator.post("/v1/entries", TEXTS).json
    return entry


def erase(api: Api, entry_id: str, key: str | None, body: Any = b"") -> Response:
    return api.accountant.post(f"/v1/entries/{entry_id}/erasure", body, key)


def test_erased_entry_only_loses_its_texts(api: Api, sold: dict[str, Any]) -> None:
    key = fresh_key()
    sent: list[tuple[str, Any]] = [(key, b""), (key, b""), ("", {})]  # a body is optional
    responses = [erase(api, sold["id"], key, body) for key, body in sent]
    assert [(response.status, response.text) for response in responses] == [(204, "")] * 3
    replayed = [response.headers.get("idempotent-replayed") for response in responses]
    assert replayed == [None, "true", None]
    entry = api.viewer.get(f"/v1/entries/{sold['id']}").json
    assert entry == {**sold, "description": None, "metadata": {}}


def test_invalid_request_erases_nothing(api: Api, sold: dict[str, Any]) -> None:
    used = fresh_key()
    api.accountant.post("/v1/entries", TEXTS, used)
    for key, status in ((used, 422), (None, 400), ("a b", 400)):
        assert erase(api, sold["id"], key).is_problem(status)
    for body, status in (({"why": "LGPD"}, 422), (b"[", 400)):
        assert erase(api, sold["id"], "", body).is_problem(status)
    assert api.viewer.get(f"/v1/entries/{sold['id']}").json == sold
