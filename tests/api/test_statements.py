"""Statements over both transports: the same amounts in every format, bytes unchanged."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import openpyxl
import pytest

from chalicelib.api.statement_files import sized
from chalicelib.ledger.statement import Statement
from tests.api.conftest import Api
from tests.api.test_entries import days_ago
from tests.statements.pdf_lines import pdf_texts
from verification.kit.api_client import Response, fresh_account

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def account(api: Api) -> str:
    """An account with 1,000.00 before the statement's days, and three entries in them."""
    account = fresh_account()
    for days, entry in [
        (9, {"amount": "1000.00"}),
        (3, {"amount": "150.75", "category": "sales", "description": "Pão & café"}),
        (3, {"type": "debit", "amount": "20.00", "description": "=cmd|' /C calc'!A0"}),
        (2, {"type": "debit", "amount": "5.25"}),
    ]:
        newest = api.operator.record(**entry, account=account, occurred_at=days_ago(days))
    api.settle(newest)
    return account


def read(api: Api, account: str, query: str, **headers: str) -> Response:
    days = f"from={days_ago(4)[:10]}&to={days_ago(1)[:10]}"
    return api.viewer.get(f"/v1/statements?{days}&account={account}{query}", **headers)


def test_json_has_entries_days_and_balances(api: Api, account: str) -> None:
    body: dict[str, Any] = read(api, account, "").json
    sums = {name: body[name] for name in ("opening", "credits", "debits", "closing", "account")}
    assert sums == {
        "opening": "1000.00", "credits": "150.75", "debits": "25.25", "closing": "1125.50",
        "account": account,
    }  # fmt: skip
    assert {(entry["amount"], entry["balance"]) for entry in body["entries"]} >= {
        ("5.25", "1125.50")
    }
    assert [day["closing"] for day in body["days"]] == ["1000.00", "1130.75", "1125.50", "1125.50"]
    assert "metadata" not in body["entries"][0] and body["freshness"]["complete"] is None


@pytest.mark.parametrize("headers", [{"accept": BROWSER}, {"accept": "*/*"}, {}])
def test_xlsx_arrives_unchanged_for_any_accept(
    api: Api, account: str, headers: dict[str, str]
) -> None:
    response = read(api, account, "&format=xlsx", **headers)
    assert response.headers["content-type"].endswith("spreadsheetml.sheet")
    assert re.fullmatch(
        rf'attachment; filename="extrato-\S+-{account}\.xlsx"',
        response.headers["content-disposition"],
    )
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert [cell.value for cell in sheet[3]][:4] == [1000, 150.75, 25.25, 1125.5]
    formula = next(row for row in sheet.iter_rows(min_row=6) if str(row[2].value)[:1] == "=")
    assert formula[2].data_type == "s"


def test_csv_of_both_languages(api: Api, account: str) -> None:
    brazilian = read(api, account, "&format=csv")
    assert brazilian.content.startswith("\ufeffLinha;Dia".encode())
    rows = list(csv.reader(io.StringIO(brazilian.text.lstrip("\ufeff")), delimiter=";"))
    assert (rows[1][0], rows[1][8]) == ("Saldo inicial", "1000,00")
    assert rows[-1][6:9] == ["150,75", "25,25", "1125,50"]
    assert "'=cmd|' /C calc'!A0" in [row[4] for row in rows]
    english = read(api, account, "&format=csv&locale=en")
    assert next(csv.reader(io.StringIO(english.text)))[:2] == ["Row", "Day"]


def test_files_show_the_business_time(api: Api) -> None:
    account, day, night = fresh_account(), days_ago(3)[:10], days_ago(2)[:10]
    moment = f"{night}T02:30:00+00:00"
    api.settle(api.operator.record(account=account, occurred_at=moment))
    assert [entry["occurred_at"] for entry in read(api, account, "").json["entries"]] == [moment]
    rows = list(csv.DictReader(io.StringIO(read(api, account, "&format=csv&locale=en").text)))
    (row,) = [row for row in rows if row["Row"] == "Entry"]
    assert (row["Day"], row["Occurred at"]) == (day, f"{day}T23:30:00-03:00")
    assert row["Recorded at"].endswith("-03:00")


def test_accept_chooses_unless_format_is_given(api: Api, account: str) -> None:
    assert read(api, account, "", accept="application/pdf").content.startswith(b"%PDF-1.7")
    assert read(api, account, "&format=ofx", accept="application/pdf").text.startswith("OFXHEADER")
    weighed = read(api, account, "", accept="text/csv;q=0.1, application/pdf;q=0.9")
    assert weighed.content.startswith(b"%PDF-1.7")
    for accept in (BROWSER, "text/plain, */*"):
        assert read(api, account, "", accept=accept).json["closing"] == "1125.50"


def test_same_content_is_not_modified(api: Api, account: str) -> None:
    first = read(api, account, "&format=pdf", accept="*/*")
    assert read(api, account, "&format=pdf", accept="*/*").content == first.content
    again = read(api, account, "&format=pdf", accept="*/*", if_none_match=first.headers["etag"])
    assert (again.status, again.content) == (304, b"")


def test_gzip_where_it_is_accepted(api: Api, account: str) -> None:
    plain = read(api, account, "&format=json")
    packed = read(api, account, "&format=json", accept="*/*", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    refused = read(api, account, "&format=journal", accept="*/*", accept_encoding="gzip;q=0")
    assert "content-encoding" not in refused.headers


def test_text_is_not_compressed_without_accept(api: Api, account: str) -> None:
    text = read(api, account, "&format=csv", accept_encoding="gzip")
    assert text.status == 200 and "content-encoding" not in text.headers


def test_month_and_its_errors(api: Api, account: str) -> None:
    response = api.viewer.get(f"/v1/statements/{days_ago(3)[:7]}?account={account}")
    assert response.json["from"] == f"{days_ago(3)[:7]}-01"
    for month in ("2026-13", "1899-12", "0001-01"):
        assert api.viewer.get(f"/v1/statements/{month}").is_problem(400, "month")
    early = "/v1/statements?from=1899-12-31&to=1900-01-01"
    assert api.viewer.get(early).is_problem(400, "from")
    assert api.viewer.get("/v1/statements/2026-11?format=ofx").is_problem(400, "account")
    assert api.viewer.get("/v1/statements/2026-11?format=odt").is_problem(400, "format")
    assert api.viewer.get("/v1/statements?from=2026-11-01").is_problem(400, "to")


def put_merchant(api: Api, body: dict[str, str]) -> Response:
    headers = {"content_type": "application/json"}
    return api.accountant.request("PUT", "/v1/merchant", headers, json.dumps(body).encode())


def test_book_needs_a_name_and_has_all_accounts(api: Api, account: str) -> None:
    month = f"/v1/statements/{days_ago(3)[:7]}?book=true"
    profile = {"name": "Padaria São João", "document": "12.ABC.345/01DE-35", "town": "Campinas"}
    wrong = put_merchant(api, {"document": "1", "state": "XX"})
    assert wrong.is_problem(422, "document", "name", "state", "town")
    stored = put_merchant(api, {**profile, "state": "SP"})
    assert (stored.status, stored.json["document"]) == (200, "12ABC34501DE35")
    assert api.viewer.get("/v1/merchant").json == stored.json
    statement = api.viewer.get(f"{month.removesuffix('?book=true')}?format=pdf", accept="*/*")
    assert "Padaria São João · CNPJ 12.ABC.345/01DE-35" in pdf_texts(statement.content)
    book = api.viewer.get(month, accept="*/*")
    assert book.headers["content-disposition"].startswith('attachment; filename="livro-caixa-')
    assert book.content.startswith(b"%PDF-1.7")
    assert api.viewer.get(f"{month}&account={account}").is_problem(400, "account")
    assert api.viewer.get(f"{month}&format=csv").is_problem(400, "format")
    assert api.viewer.get(f"{month}&currency=USD").is_problem(400, "currency")
    assert api.viewer.get(month.replace("true", "yes")).is_problem(400, "book")


def test_book_of_days_to_come_is_partial(local_api: Api) -> None:
    profile = {"name": "Bar", "document": "12.ABC.345/01DE-35", "town": "Campinas", "state": "SP"}
    put_merchant(local_api, profile)
    for day in (days_ago(3), days_ago(2)):
        newest = local_api.operator.record(occurred_at=day, currency="USD", amount="1.00")
    local_api.settle(newest)
    for last, is_partial in ((days_ago(1), False), (days_ago(0), True)):
        path = f"/v1/statements?book=true&from={days_ago(2)[:10]}&to={last[:10]}"
        texts = pdf_texts(local_api.viewer.get(path, accept="*/*").content)
        assert ("Livro Caixa parcial · Bar" in texts) == is_partial
        assert texts.count("em outras moedas: USD.") == 2


def test_book_without_a_name_is_a_conflict(local_api: Api) -> None:
    response = local_api.viewer.get("/v1/statements/2026-11?book=true", accept="*/*")
    assert response.is_problem(409) and "PUT /v1/merchant" in response.json["detail"]
    assert local_api.viewer.get("/v1/merchant").is_problem(404)


def test_first_month_of_all_is_read(local_api: Api) -> None:
    response = local_api.viewer.get("/v1/statements/1900-01?format=xlsx")
    assert 'filename="extrato-1900-01.xlsx"' in response.headers["content-disposition"]
    days = openpyxl.load_workbook(io.BytesIO(response.content))["Dias"]
    assert f"{days['A6'].value:%Y-%m-%d}" == "1900-01-01"


@pytest.mark.parametrize("path", ["9999-12?", "?from=9999-12-01&to=9999-12-31&format=csv&"])
def test_last_month_of_all_is_read(local_api: Api, path: str) -> None:
    path = f"/v1/statements{'/' if path[0] == '9' else ''}{path}account=main"
    assert local_api.viewer.get(path).status == 200


@pytest.mark.parametrize("most_entries", [20_000, 8])
@pytest.mark.parametrize("long_first", [True, False])
@pytest.mark.parametrize("query", ["format=json", "format=ofx&account=main"])
def test_too_large_names_days_that_fit(
    local_api: Api,
    query: str,
    long_first: bool,
    most_entries: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chalicelib.api.statements.LARGEST_BYTES", 5_000)
    monkeypatch.setattr("chalicelib.queries.statements.MOST_ENTRIES", most_entries)
    written: list[int] = []
    monkeypatch.setattr("chalicelib.api.statements.sized", counting(written))
    newest = {}
    for days in range(12, 2, -1):
        text = "ã" * 200 if (days > 7) == long_first else "a"
        newest = local_api.operator.record(occurred_at=days_ago(days), description=text)
    local_api.settle(newest)
    path = f"/v1/statements?{query}&from={days_ago(12)[:10]}&to="
    refused = local_api.viewer.get(path + days_ago(3)[:10], accept="*/*")
    assert refused.is_problem(422, "to") and "Accept-Encoding: gzip" in refused.json["detail"]
    assert all(later <= earlier / 2 for earlier, later in pairwise(written))
    (named,) = re.findall(r"to must be (\S+) or earlier", refused.json["detail"])
    assert local_api.viewer.get(path + named).status == 200
    day = days_ago(12)[:10]
    monkeypatch.setattr("chalicelib.api.statements.LARGEST_BYTES", 100)
    refused = local_api.viewer.get(path + day, accept="*/*", accept_encoding="gzip")
    assert refused.is_problem(422) and f"{day} alone has more than" in refused.json["detail"]


def counting(written: list[int]) -> Callable[..., tuple[Any, int]]:
    """Return `sized`, which also adds the number of entries of each file that it writes."""

    def counted(request: Any, content: Statement, name: str) -> tuple[Any, int]:
        written.append(len(content.entries))
        return sized(request, content, name)

    return counted


def test_long_first_day_is_named_where_it_fits(
    local_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.api.statements.LARGEST_BYTES", 4_500)
    for text, days in [("a", 4)] * 6 + [("ã" * 200, 3)] * 4:
        newest = local_api.operator.record(occurred_at=days_ago(days), description=text)
    local_api.settle(newest)
    path = f"/v1/statements?from={days_ago(4)[:10]}&to="
    refused = local_api.viewer.get(path + days_ago(3)[:10])
    assert refused.is_problem(422, "to") and f"be {days_ago(4)[:10]} or" in refused.json["detail"]
    assert local_api.viewer.get(path + days_ago(4)[:10]).status == 200
