"""Erasure: texts are removed for good, and nothing else changes."""

from typing import Any

import pytest

from tests.api.conftest import Api
from verification.kit.api_client import Response, fresh_key

SALE = {"type": "credit", "amount": "10.00", "description": "Maria", "metadata": {"cpf": "123"}}


@pytest.fixture
def sold(api: Api) -> dict[str, Any]:
    """An entry with texts."""
    entry: dict[str, Any] = api.operator.post("/v1/entries", SALE).json
    return entry


def erase(api: Api, entry_id: str, key: str | None = "", body: Any = b"") -> Response:
    return api.accountant.post(f"/v1/entries/{entry_id}/erasure", body, key)


def test_erased_entry_only_loses_its_texts(api: Api, sold: dict[str, Any]) -> None:
    key = fresh_key()
    responses = [erase(api, sold["id"], key), erase(api, sold["id"], key), erase(api, sold["id"])]
    assert [(response.status, response.text) for response in responses] == [(204, "")] * 3
    replayed = [response.headers.get("idempotent-replayed") for response in responses]
    assert replayed == [None, "true", None]
    entry = api.viewer.get(f"/v1/entries/{sold['id']}").json
    assert entry == {**sold, "description": None, "metadata": {}}


@pytest.mark.parametrize(("key", "status"), [("used", 422), (None, 400), ("a b", 400)])
def test_invalid_key_erases_nothing(
    api: Api, sold: dict[str, Any], key: str | None, status: int
) -> None:
    if key == "used":
        key = fresh_key()
        api.accountant.post("/v1/entries", SALE, key)
    assert erase(api, sold["id"], key).is_problem(status)
    assert api.viewer.get(f"/v1/entries/{sold['id']}").json == sold


@pytest.mark.parametrize(("body", "status"), [({}, 204), ({"why": "LGPD"}, 422), (b"[", 400)])
def test_body_is_optional_and_empty(api: Api, sold: dict[str, Any], body: Any, status: int) -> None:
    assert erase(api, sold["id"], body=body).status == status
