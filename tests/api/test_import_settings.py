"""How files are read, over both transports: accounts, mappings, presets, and what is refused."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.stored_imports import insert_import
from chalicelib.ledger.errors import LedgerUnavailableError
from tests.api.bank_files import day, put, rows, statement, upload, written
from tests.api.conftest import Api
from tests.bank_files.examples import ofx, transaction
from verification.kit.api_client import ApiClient, Response, fresh_account, fresh_key

CSV = "text/csv"
TABLE = "Data;Texto;Valor\n{day};Feira;-12,30\n{day};Venda;1.000,00\n"
MAPPING = {"day": "Data", "description": ["Texto"], "amount": "Valor", "decimal": ","}


def put_json(client: ApiClient, path: str, body: Mapping[str, Any], **headers: str) -> Response:
    sent = {"content_type": "application/json"} | headers
    return client.request("PUT", path, sent, json.dumps(body).encode())


def test_accounts_are_mapped_by_number(api: Api) -> None:
    number, other, account = fresh_account(), fresh_account(), fresh_account()
    row = transaction(written(day(2)), "1.00", "1")
    several = (ofx(row, number) + ofx(row, other)).encode()
    unknown = upload(api.operator, several)
    assert unknown.is_problem(422, "account")
    assert unknown.json["accounts"] == [
        {"number": name, "currency": "BRL", "rows": 1} for name in (number, other)
    ]
    assert upload(api.operator, several, f"?account={account}").is_problem(422, "account")
    before = api.viewer.get("/v1/import-accounts")
    accounts = before.json["accounts"] | {number: account, other: "savings"}
    stored = put_json(
        api.operator, "/v1/import-accounts", {"accounts": accounts}, if_match=before.headers["etag"]
    )
    assert (stored.status, stored.json["accounts"]) == (200, accounts)
    stale = put_json(
        api.operator, "/v1/import-accounts", {"accounts": {}}, if_match=before.headers["etag"]
    )
    assert stale.is_problem(412)
    assert api.viewer.get("/v1/import-accounts").headers["etag"] == stored.headers["etag"]
    statements = upload(api.operator, several).json["statements"]
    assert [each["account"] for each in statements] == [account, "savings"]
    assert put_json(api.operator, "/v1/import-accounts", {"accounts": {"1": "A B"}}).is_problem(422)


def test_a_mapping_reads_other_tables(api: Api) -> None:
    name, account = fresh_account(), fresh_account()
    content = TABLE.format(day=f"{day(2):%d/%m/%Y}").encode("cp1252")
    refused = upload(api.operator, content, f"?account={account}", media_type=CSV)
    assert refused.is_problem(422) and "Texto" in refused.json["detail"]
    path = f"/v1/import-mappings/{name}"
    stored = put_json(api.operator, path, MAPPING)
    assert stored.status == 200
    assert api.viewer.get(path).json == stored.json == {
        **MAPPING, "name": name, "credit": None, "debit": None, "sign": None, "id": None,
        "balance": None, "dates": None, "skip": {}, "turn_signs": False, "currency": "BRL",
    }  # fmt: skip
    listed = api.viewer.get("/v1/import-mappings?limit=200").json["items"]
    assert stored.json in listed
    query = f"?account={account}&mapping={name}"
    made = upload(api.operator, content, query, media_type=CSV).json
    assert [(row["description"], row["amount"]) for row in rows(api.viewer, made)] == [
        ("Feira", "-12.30"), ("Venda", "1000.00"),
    ]  # fmt: skip
    assert upload(api.operator, content, f"{query}&preset=inter-card").is_problem(400, "mapping")
    assert api.operator.request("DELETE", path).status == 204
    assert api.viewer.get(path).is_problem(404)
    assert upload(api.operator, content, query, media_type=CSV).is_problem(400, "mapping")


@pytest.mark.parametrize(
    "body",
    [
        {"day": "D", "description": ["T"]},
        {"day": "D", "description": ["T"], "credit": "C"},
        {"day": "D", "description": ["T"], "amount": "A", "credit": "C", "debit": "D"},
        {"day": "D", "description": [], "amount": "A"},
        {"day": "D", "description": ["T"], "amount": "A", "currency": "XYZ"},
        {"day": "D", "description": ["T"], "amount": "A", "turn_signs": "no"},
    ],
)
def test_mappings_must_be_complete(local_api: Api, body: dict[str, Any]) -> None:
    assert put_json(local_api.operator, "/v1/import-mappings/x", body).is_problem(422)


def test_presets_have_sample_rows(api: Api) -> None:
    presets = {each["name"]: each for each in api.viewer.get("/v1/import-presets").json["items"]}
    assert {"nubank-account", "itau-account", "stone-account", "c6-card"} <= presets.keys()
    assert len(presets) == 13
    account = fresh_account()
    sample = presets["nubank-account"]["sample"].encode()
    made = upload(api.operator, sample, f"?account={account}", media_type=CSV).json
    assert (made["rows"]["created"], made["file"]["format"]) == (1, "csv")
    assert upload(api.operator, sample, "?preset=no-bank").is_problem(400, "preset")


def test_rules_give_rows_their_category(api: Api) -> None:
    name, account = fresh_account(), fresh_account()
    rule = {
        "order": 1,
        "when": {"text": "tarifa", "account": account},
        "then": {"category": "fees"},
    }
    assert put_json(api.operator, f"/v1/rules/{name}", rule).status == 200
    content = statement((2, "-1.00", "TARIFA PIX"), (2, "9.00", "Venda"))
    made = upload(api.operator, content, f"?account={account}").json
    fee, sale = rows(api.viewer, made)
    assert (fee["category"], fee["rule"]) == ("fees", name)
    assert sale["rule"] != name  # another test's rule may be for any row
    put(api.operator, f"/v1/imports/{made['id']}/recording")
    entry = api.viewer.get(f"/v1/entries/{rows(api.viewer, made)[0]['entry']}").json
    assert entry["category"] == "fees"
    assert api.operator.request("DELETE", f"/v1/rules/{name}").status == 204


HOSTILE = {
    "empty": (b"", 400),
    "photo": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40, 422),
    "xlsx": (b"PK\x03\x04\x14\x00\x06\x00" + b"\x00\x01" * 500, 422),
    "nuls": (b"OFXHEADER:100\n<OFX>\x00\x00", 422),
    "entities": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaa">]><OFX>&a;</OFX>', 422),
    "nesting": (b"OFXHEADER:100\n" + b"<OFX>" * 50_000, 422),
    "prose": ("Olá,\nsegue o extrato.\nAté".encode(), 422),
    "too long": (b"OFXHEADER:100\n" + b"x" * (4 * 1024 * 1024), 413),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_whole(api: Api, name: str) -> None:
    content, status = HOSTILE[name]
    response = upload(api.operator, content, f"?account={fresh_account()}")
    assert response.is_problem(status)
    if status == 413:
        assert "4 MiB and 50,000 rows" in response.json["detail"]
    if name == "prose":
        assert "“segue o extrato.”" in response.json["detail"]


def test_other_media_types_are_refused(api: Api) -> None:
    content = statement((1, "1.00", "A"))
    assert upload(api.operator, content, media_type="application/pdf").is_problem(415)
    assert upload(api.operator, content, media_type="application/json").is_problem(415)
    query = f"?account={fresh_account()}"
    for media_type in ("text/plain; charset=us-ascii", "Application/Octet-Stream"):
        assert upload(api.operator, content, query, media_type=media_type).status == 201


def test_others_imports_do_not_exist(api: Api) -> None:
    stored = upload(api.operator, statement((1, "1.00", "A")), f"?account={fresh_account()}").json
    path = f"/v1/imports/{stored['id']}"
    assert api.rival.get(path).is_problem(404)
    assert api.rival.get(f"{path}/rows").is_problem(404)
    assert upload(api.viewer, statement((1, "1.00", "A"))).is_problem(403)
    assert put(api.viewer, f"{path}/recording").is_problem(403)


@pytest.mark.parametrize("layout", ["mapping", "preset"])
def test_retry_reads_a_file_as_before(
    local_api: Api, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, account, key = local_api.operator, fresh_account(), fresh_key()
    # Without the mapping these are purchases of a card, and without the preset nothing is known.
    path = "/v1/import-mappings/sales"
    mapping = {"day": "date", "description": ["title"], "amount": "amount"}
    assert put_json(client, path, mapping).status == 200
    content, query = {
        "mapping": (f"date,title,amount\n{day(3)},Venda,18.50\n", "&mapping=sales"),
        "preset": (f"{day(3):%d/%m/%Y};Venda;18,50\n", "&preset=itau-account"),
    }[layout]
    failures = [LedgerUnavailableError("The table is down.")]

    def failing_once(table: Any, merchant_id: str, new: BankImport) -> bool:
        if failures:
            raise failures.pop()
        return insert_import(table, merchant_id, new)

    monkeypatch.setattr("chalicelib.importing.create.insert_import", failing_once)
    sent = (client, content.encode(), f"?account={account}{query}", key, CSV)
    assert upload(*sent).is_problem(503)
    retried = upload(*sent)
    assert retried.status == 201 and "idempotent-replayed" not in retried.headers
    assert retried.json["statements"][0]["account"] == account
    assert [row["amount"] for row in rows(client, retried.json)] == ["18.50"]
    if layout == "mapping":
        assert client.request("DELETE", path).status == 204
    again = upload(*sent)
    assert (again.json, again.headers["idempotent-replayed"]) == (retried.json, "true")
    other = upload(client, content.encode(), "?account=other", key, CSV)
    assert other.is_problem(422, "Idempotency-Key")


@pytest.mark.parametrize("currency", ["X" * 300_000, "X" * 1_000, "R$", "XXX"])
def test_unknown_currency_is_refused_and_uses_no_key(local_api: Api, currency: str) -> None:
    client, key = local_api.operator, fresh_key()
    query = f"?account={fresh_account()}"
    content = ofx(transaction(written(day(3)), "1.00", "1"))
    wrong = content.replace("<CURDEF>BRL", f"<CURDEF>{currency}")
    refused = upload(client, wrong.encode(), query, key)
    assert refused.is_problem(422) and "is not one of ISO 4217" in refused.json["detail"]
    assert len(refused.json["detail"]) < 300
    assert client.get("/v1/imports").json["items"] == []
    assert upload(client, content.encode(), query, key).status == 201
