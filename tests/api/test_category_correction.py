"""The category of an entry is corrected over the API, and everything else stays as it was."""

import json
from typing import Any

from tests.api.conftest import Api
from tests.local.processes import until
from verification.kit.api_client import ApiClient, Response, fresh_account, fresh_key


def put(client: ApiClient, entry_id: str, body: Any) -> Response:
    headers, content = {"content_type": "application/json"}, json.dumps(body).encode()
    return client.request("PUT", f"/v1/entries/{entry_id}/category", headers, content)


def test_corrected_category_is_read_everywhere(api: Api) -> None:
    account, key = fresh_account(), fresh_key()
    body = {"type": "debit", "amount": "9.00", "category": "sales", "account": account}
    recorded = api.operator.post("/v1/entries", body, key).json
    assert (recorded["category"], recorded["recorded_category"]) == ("sales", "sales")
    api.settle(recorded)
    corrected = {**recorded, "category": "energy"}
    for _ in range(2):
        response = put(api.operator, recorded["id"], {"category": "energy"})
        assert (response.status, response.json) == (200, corrected)
    entry = api.viewer.get(f"/v1/entries/{recorded['id']}")
    assert entry.json == corrected
    lists = f"/v1/entries?account={account}"

    def listed(query: str) -> list[Any]:
        api.settle(recorded)
        return list(api.viewer.get(lists + query).json["items"])

    assert until(lambda: listed("&category=energy") == [corrected], 30)
    assert listed("&category=sales") == listed("&uncategorized=true") == []
    day = recorded["day"]
    statement = api.viewer.get(f"/v1/statements?account={account}&from={day}&to={day}").json
    (line,) = statement["entries"]
    assert (line["category"], line["recorded_category"]) == ("energy", "sales")
    replay = api.operator.post("/v1/entries", body, key)
    assert (replay.json, replay.headers["idempotent-replayed"]) == (recorded, "true")
    for cleared in ({"category": None}, {}):
        assert put(api.operator, recorded["id"], cleared).json["category"] is None
    assert until(lambda: len(listed("&uncategorized=true")) == 1, 30)


def test_wrong_corrections_are_refused(api: Api) -> None:
    entry = api.operator.record()
    change = {"category": "energy"}
    assert put(api.viewer, entry["id"], change).is_problem(403)
    for unknown in ("a" * 32, "x"):
        assert put(api.operator, unknown, change).is_problem(404)
    wrong: tuple[Any, ...] = ("", "Energy", "é", 1, "a" * 41, [])
    for category in wrong:
        assert put(api.operator, entry["id"], {"category": category}).is_problem(422, "category")
    assert put(api.operator, entry["id"], {"name": "x"}).is_problem(422, "name")
    path = "/v1/entries?uncategorized="
    assert api.viewer.get(f"{path}true&category=energy").is_problem(400, "uncategorized")
    assert api.viewer.get(f"{path}yes").is_problem(400, "uncategorized")
    assert api.viewer.get(f"{path}false&category=energy").status == 200


def test_entries_of_others_are_unknown(local_api: Api) -> None:
    entry = local_api.operator.record(category="sales")
    assert put(local_api.rival, entry["id"], {"category": "rent"}).is_problem(404)
    assert local_api.viewer.get(f"/v1/entries/{entry['id']}").json == entry
