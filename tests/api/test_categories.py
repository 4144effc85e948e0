"""Registered categories over the API, and what they change in cash flow and statements."""

import csv
import io
import json
from typing import Any

import openpyxl

from tests.api.conftest import Api
from tests.fixtures.ledger_table import unreachable
from tests.statements.pdf_lines import pdf_texts
from verification.kit.api_client import ApiClient, Response, fresh_account

SALES = {"name": "Vendas à vista", "accounting_code": "3.1.01", "transfer": False}
CARD = {"name": "Fatura do cartão", "accounting_code": None, "transfer": True}


def put(client: ApiClient, slug: str, body: Any) -> Response:
    headers = {"content_type": "application/json"}
    return client.request("PUT", f"/v1/categories/{slug}", headers, json.dumps(body).encode())


def test_category_is_registered_and_listed(api: Api) -> None:
    slug = fresh_account()
    assert put(api.operator, slug, {"name": "Venda"}).json == {
        "slug": slug, "name": "Venda", "accounting_code": None, "transfer": False,
    }  # fmt: skip
    for _ in range(2):
        stored = put(api.operator, slug, SALES)
        assert (stored.status, stored.json) == (200, {"slug": slug, **SALES})
    assert stored.json in api.viewer.get("/v1/categories?limit=200").json["items"]
    assert stored.json not in api.rival.get("/v1/categories?limit=200").json["items"]
    assert put(api.viewer, slug, SALES).is_problem(403)
    wrong = {"name": "\u200b", "accounting_code": "", "transfer": "no", "code": 1}
    assert put(api.operator, slug, wrong).is_problem(422, *wrong)
    assert put(api.operator, "Sales", SALES).is_problem(400, "slug")


def test_categories_are_paged_and_limited(local_api: Api) -> None:
    for slug in ("b", "a", "c"):
        put(local_api.operator, slug, SALES)
    first = local_api.viewer.get("/v1/categories?limit=2").json
    second = local_api.viewer.get(f"/v1/categories?cursor={first['next_cursor']}").json
    assert [[item["slug"] for item in page["items"]] for page in (first, second)] == [
        ["a", "b"], ["c"],
    ]  # fmt: skip
    elsewhere = f"/v1/rules?cursor={first['next_cursor']}"
    assert local_api.viewer.get(elsewhere).is_problem(400, "cursor")


def record_one_of_each(api: Api) -> str:
    """Record a sale, a card bill and an entry without category; return their day."""
    for category, amount in (("sales", "5.00"), ("card", "3.00"), (None, "2.00")):
        newest = api.operator.record(category=category, amount=amount)
    api.settle(newest)
    return str(newest["day"])


def test_transfers_are_left_out_only_by_category(local_api: Api) -> None:
    put(local_api.operator, "sales", SALES)
    put(local_api.operator, "card", CARD)
    day = record_one_of_each(local_api)
    path = f"/v1/cash-flow?from={day}&to={day}&group="
    flows = {
        group: [
            (item["group"], item["credits"])
            for item in local_api.viewer.get(path + group).json["items"]
        ]
        for group in ("category", "account", "none")
    }
    assert flows == {
        "category": [("sales", "5.00"), (None, "2.00")],
        "account": [("main", "10.00")],
        "none": [(None, "10.00")],
    }


def test_files_for_people_name_the_categories(local_api: Api) -> None:
    put(local_api.operator, "sales", SALES)
    day = record_one_of_each(local_api)
    path = f"/v1/statements?from={day}&to={day}&account=main&format="
    content = {
        name: local_api.viewer.get(path + name, accept="*/*").content
        for name in ("json", "csv", "xlsx", "pdf", "journal")
    }
    rows = csv.reader(io.StringIO(content["csv"].decode("utf-8-sig")), delimiter=";")
    assert {row[5] for row in rows} == {"Categoria", "", "Vendas à vista", "card"}
    sheet = openpyxl.load_workbook(io.BytesIO(content["xlsx"]))["Categorias"]
    assert [[cell.value for cell in row] for row in sheet["A6:F8"]] == [
        ["sem categoria", 2, 0, 2, 1, None],
        ["card", 3, 0, 3, 1, None],
        ["Vendas à vista", 5, 0, 5, 1, "3.1.01"],
    ]
    assert "Vendas à vista" in pdf_texts(content["pdf"])
    assert {entry["category"] for entry in json.loads(content["json"])["entries"]} == {
        "sales", "card", None,
    }  # fmt: skip
    assert b":sales" in content["journal"]


def test_settings_down_fail_only_their_readers(local_api: Api, deployed: Any) -> None:
    day = record_one_of_each(local_api)
    for path, status in (
        (f"/v1/cash-flow?from={day}&to={day}&group=category", 503),
        (f"/v1/cash-flow?from={day}&to={day}&group=account", 200),
        (f"/v1/statements?from={day}&to={day}&format=csv", 503),
        (f"/v1/statements?from={day}&to={day}&format=journal", 200),
    ):
        deployed.table.wire.twist("GetItem", *[unreachable] * (status == 503))
        assert local_api.viewer.get(path, accept="*/*").status == status
