"""Rules over the API: set, list page by page, and delete."""

import json
from typing import Any

from tests.api.conftest import Api
from verification.kit.api_client import ApiClient, Response, fresh_account

WHEN = {"text": "energisa", "type": "debit", "account": None, "min": "1.00", "max": "500.00"}
BODY = {"order": 10, "when": WHEN, "then": {"category": "energy"}}


def put(client: ApiClient, path: str, body: Any) -> Response:
    headers = {"content_type": "application/json"}
    return client.request("PUT", path, headers, json.dumps(body).encode())


def test_rule_is_set_listed_and_deleted(api: Api) -> None:
    path = f"/v1/rules/{fresh_account()}"
    name = path.removeprefix("/v1/rules/")
    for _ in range(2):
        stored = put(api.operator, path, BODY)
        assert (stored.status, stored.json) == (200, {"name": name, **BODY})
    listed = api.viewer.get("/v1/rules?limit=200")
    assert stored.json in listed.json["items"] and listed.json["next_cursor"] is None
    assert api.viewer.get("/v1/rules?limit=200", if_none_match=listed.headers["etag"]).status == 304
    assert stored.json not in api.rival.get("/v1/rules?limit=200").json["items"]
    assert put(api.viewer, path, BODY).is_problem(403)
    for _ in range(2):
        deleted = api.operator.request("DELETE", path)
        assert (deleted.status, deleted.content) == (204, b"")
    assert stored.json not in api.viewer.get("/v1/rules?limit=200").json["items"]


def test_every_error_of_a_rule_is_listed(local_api: Api) -> None:
    when = {"text": "\u0301", "type": "in", "account": "A", "min": "5.00", "max": "4.00", "day": 1}
    wrong = {"order": True, "when": when, "then": {"category": "Energy"}}
    fields = [f"when.{name}" for name in when if name != "min"]
    refused = put(local_api.operator, "/v1/rules/x", wrong)
    assert refused.is_problem(422, "order", "then.category", *fields)
    assert put(local_api.operator, "/v1/rules/x", {}).is_problem(422, "order", "when", "then")
    for name in ("%20", ".", "a%2Fb", "a" * 41, "São"):
        assert put(local_api.operator, f"/v1/rules/{name}", BODY).is_problem(400, "name")


def test_rule_without_conditions_is_stored(local_api: Api) -> None:
    stored = put(local_api.operator, "/v1/rules/any", {**BODY, "when": {}})
    assert set(stored.json["when"].values()) == {None}


def test_rules_are_paged_by_order_and_name(local_api: Api) -> None:
    assert local_api.viewer.get("/v1/rules?cursor=eA").is_problem(400, "cursor")
    for name, order in (("b", 2), ("a", 10), ("c", 2), ("B", 2)):
        put(local_api.operator, f"/v1/rules/{name}", {**BODY, "order": order})
    first = local_api.viewer.get("/v1/rules?limit=3")
    assert [rule["name"] for rule in first.json["items"]] == ["B", "b", "c"]
    second = local_api.viewer.get(f"/v1/rules?cursor={first.json['next_cursor']}")
    assert [rule["name"] for rule in second.json["items"]] == ["a"]
    assert second.json["next_cursor"] is None and 'rel="next"' in first.headers["link"]
    put(local_api.rival, "/v1/rules/a", BODY)
    for client in (local_api.rival, local_api.viewer):
        forged = first.json["next_cursor"] if client is local_api.rival else "A" * 40
        assert client.get(f"/v1/rules?cursor={forged}").is_problem(400, "cursor")
