"""Imports of bank files over both transports: preview, rows, recording."""

import json
from typing import Any

import pytest

from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.queries import import_reads
from tests.api.bank_files import day, preview, put, record, rows, statement, upload
from tests.api.conftest import Api
from tests.api.test_entries import days_ago
from verification.kit.api_client import Response, fresh_account, fresh_key


def test_rows_of_a_file_become_entries(api: Api) -> None:
    account = fresh_account()
    content = statement(
        (4, "-120.50", "COMPRA CARTÃO"), (3, "300.00", "PIX RECEBIDO"), closing="1679.50"
    )
    stored = preview(api.operator, content, account)
    assert (stored["status"], stored["rows"]["created"], stored["rows"]["read"]) == (
        "preview", 2, 2,
    )  # fmt: skip
    (of_account,) = stored["statements"]
    assert of_account["tie_out"] == {
        "file": "1679.50", "book": "179.50", "difference": "1500.00",
        "parted_on": day(4).isoformat(), "opening_missing": "1500.00",
    }  # fmt: skip
    assert [row["entry"] for row in rows(api.viewer, stored)] == [None, None]
    recorded = record(api.operator, stored)
    assert (recorded["status"], recorded["rows"]["created"]) == ("recorded", 2)
    first, second = rows(api.viewer, stored)
    assert (first["outcome"], first["amount"], first["description"]) == (
        "created", "-120.50", "COMPRA CARTÃO",
    )  # fmt: skip
    entry = api.viewer.get(f"/v1/entries/{second['entry']}").json
    assert (entry["type"], entry["amount"], entry["day"]) == (
        "credit",
        "300.00",
        day(3).isoformat(),
    )
    assert entry["metadata"] == {"import": stored["id"], "bank_id": "2x"}
    again = preview(api.operator, content, account)
    assert (again["rows"]["duplicate"], again["rows"]["created"]) == (2, 0)
    listed = api.viewer.get("/v1/imports?limit=2").json["items"]
    assert [each["id"] for each in listed] == [again["id"], stored["id"]]


def test_same_key_returns_the_first_import(api: Api) -> None:
    content, key = statement((2, "10.00", "A")), fresh_key()
    query = f"?account={fresh_account()}"
    first = upload(api.operator, content, query, key)
    record(api.operator, first.json)
    again = upload(api.operator, content, query, key)
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert first.headers["location"] == f"imports/{first.json['id']}"
    assert upload(api.operator, content + b"\n", query, key).is_problem(422, "Idempotency-Key")
    assert upload(api.operator, content, "?account=other", key).is_problem(422, "Idempotency-Key")


def test_erasing_an_entry_erases_its_row(api: Api) -> None:
    account = fresh_account()
    content = statement((3, "-15.00", "JOANA SILVA"), (3, "-15.00", "OUTRA PESSOA"))
    stored = preview(api.operator, content, account)
    other = preview(api.operator, content, account)
    record(api.operator, stored)
    entry = rows(api.viewer, stored)[0]["entry"]
    assert api.accountant.post(f"/v1/entries/{entry}/erasure", {}).status == 204
    for each in (stored, other, preview(api.operator, content, account)):
        (erased, other_row) = rows(api.viewer, each)
        assert other_row["description"] == "OUTRA PESSOA"
        is_new = each["rows"]["duplicate"] == 2  # the file was sent again, with its texts
        assert (erased["description"], erased["bank_id"]) == (
            ("JOANA SILVA", "1x") if is_new else (None, None)
        )


def test_undo_reverses_entries_on_their_days(api: Api) -> None:
    account = fresh_account()
    content = statement((4, "-10.00", "A"), (3, "25.00", "B"))
    stored = record(api.operator, preview(api.operator, content, account))
    first, second = rows(api.viewer, stored)
    reversal = api.operator.post(f"/v1/entries/{first['entry']}/reversal", {"reason": "x"})
    assert reversal.status == 201
    path = f"/v1/imports/{stored['id']}/undo"
    undone = put(api.operator, path, b'{"reason": "wrong account"}')
    assert (undone.status, undone.json["status"]) == (200, "undone")
    assert undone.json["undone"] == {"reversed": 1, "already_reversed": 1}
    current = api.viewer.get(f"/v1/entries/{second['entry']}").json
    reversed_by = api.viewer.get(f"/v1/entries/{current['reversed_by']}").json
    assert (reversed_by["day"], reversed_by["description"]) == (day(3).isoformat(), "wrong account")
    again = preview(api.operator, content, account)
    assert (again["rows"]["duplicate"], again["rows"]["created"]) == (1, 1)
    assert put(api.operator, f"/v1/imports/{stored['id']}/recording").status == 409


def test_recorded_import_has_the_actual_balance(
    local_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, account = local_api.operator, fresh_account()
    content = statement((4, "-10.00", "A"), (3, "25.00", "B"), closing="15.00")
    stored = preview(client, content, account)
    # Recorded by hand after the preview, which does not know of it.
    local_api.settle(client.record(account=account, amount="100.00", occurred_at=days_ago(4)))
    path = f"/v1/imports/{stored['id']}/recording"
    assert stored["statements"][0]["tie_out"]["book"] == "15.00"
    local_api.settle(record(client, stored))
    recorded = put(client, path).json
    assert recorded["statements"][0]["tie_out"]["book"] == "115.00"
    assert recorded == client.get(f"/v1/imports/{stored['id']}").json

    def down(*_: object) -> None:
        raise ReadModelUnavailableError("PostgreSQL is down.")

    monkeypatch.setattr(import_reads, "account_days", down)
    unknown = put(client, path)
    assert (unknown.status, unknown.json["statements"][0]["tie_out"]) == (200, None)


def test_manual_entry_is_offered_once(api: Api) -> None:
    account = fresh_account()
    manual = api.operator.record(account=account, amount="42.00", occurred_at=days_ago(4))
    api.settle(manual)
    content = statement((3, "42.00", "PIX"), (3, "42.00", "PIX"), (2, "5.00", "B"))
    stored = preview(api.operator, content, account)
    assert stored["rows"]["needs_decision"] == 2
    first, second, _ = rows(api.viewer, stored)
    assert first["candidates"] == second["candidates"]
    assert first["candidates"][0]["entry"] == manual["id"]
    conflict = put(api.operator, f"/v1/imports/{stored['id']}/recording")
    assert conflict.is_problem(409)
    assert conflict.json["conflict"] == {"reason": "undecided-rows", "shown": "2"}
    same = {"row": 1, "decision": "same", "entry": manual["id"]}
    wrong = decide(api, stored, same, {**same, "row": 2}, {"row": 3, "decision": "new"})
    assert wrong.is_problem(422, "decisions.1.entry", "decisions.2.row")
    decided = decide(api, stored, same, {"row": 2, "decision": "new"})
    assert decided.json["rows"] == {
        "read": 3, "created": 2, "duplicate": 1, "needs_decision": 0, "refused": 0,
        "information": 0,
    }  # fmt: skip
    record(api.operator, stored)
    assert [row["outcome"] for row in rows(api.viewer, stored)] == [
        "duplicate",
        "created",
        "created",
    ]
    assert decide(api, stored, same).is_problem(409)
    again = preview(api.operator, content, account)
    assert (again["rows"]["duplicate"], again["rows"]["needs_decision"]) == (3, 0)


def test_row_of_an_undone_entry_is_recorded(api: Api) -> None:
    account = fresh_account()
    api.settle(api.operator.record(account=account, amount="42.00", occurred_at=days_ago(3)))
    table = f"Data,Valor,Identificador,Descrição\n{day(3):%d/%m/%Y},10.00,x,Pix\n".encode()
    source = record(api.operator, preview(api.operator, table, account))
    undone = rows(api.viewer, source)[0]["entry"]
    api.settle(api.viewer.get(f"/v1/entries/{undone}").json)
    rival = preview(api.operator, statement((3, "42.00", "RIVAL")), account)
    stored = preview(api.operator, statement((3, "10.00", "A"), (3, "42.00", "B")), account)
    for file in (rival, stored):
        for row in rows(api.viewer, file):
            entry = row["candidates"][0]["entry"]
            decide(api, file, {"row": row["row"], "decision": "same", "entry": entry})
    record(api.operator, rival)
    path = f"/v1/imports/{stored['id']}"
    # The first row has claimed the table's entry, and the second one comes after the rival.
    lost = put(api.operator, f"{path}/recording").json["conflict"]
    assert lost == {"reason": "lost-claims", "shown": "2"}
    new = [{"row": number, "decision": "new"} for number in (1, 2)]
    assert decide(api, stored, *new).is_problem(422, "decisions.0.decision")
    put(api.operator, f"/v1/imports/{source['id']}/undo", b'{"reason": "wrong"}')
    still_same = {"row": 1, "decision": "same", "entry": undone}
    assert decide(api, stored, still_same, new[1]).status == 200
    lost = put(api.operator, f"{path}/recording").json["conflict"]
    assert lost == {"reason": "lost-claims", "shown": "1"}
    assert decide(api, stored, *new).status == 200
    assert record(api.operator, stored)["rows"]["created"] == 2
    entries = [
        api.viewer.get(f"/v1/entries/{row['entry']}").json for row in rows(api.viewer, stored)
    ]
    amounts = [(entry["amount"], entry["reversed_by"]) for entry in entries]
    assert amounts == [("10.00", None), ("42.00", None)]


def test_left_out_rows_stay_left_out(api: Api) -> None:
    account = fresh_account()
    api.settle(api.operator.record(account=account, amount="7.00", occurred_at=days_ago(4)))
    content = statement((4, "7.00", "A"))
    stored = preview(api.operator, content, account)
    decide(api, stored, {"row": 1, "decision": "leave_out"})
    (row,) = rows(api.viewer, preview(api.operator, content, account), "?outcome=refused")
    assert (row["outcome"], row["decision"]) == ("refused", "leave_out")
    record(api.operator, stored)
    put(api.operator, f"/v1/imports/{stored['id']}/undo", b'{"reason": "x"}')
    assert preview(api.operator, content, account)["rows"]["needs_decision"] == 1


def test_own_statement_yields_only_duplicates(api: Api) -> None:
    for account in (fresh_account()[:20], f"{fresh_account()}-long"):
        texts = ("Pão & café", "A" * 200, "")
        made = [
            api.operator.record(account=account, occurred_at=days_ago(3), description=text)
            for text in texts
        ]
        late = f"{day(3).isoformat()}T02:30:00Z"  # the day before in São Paulo
        api.settle(api.operator.record(account=account, occurred_at=late, type="debit"))
        days = f"from={day(5).isoformat()}&to={day(1).isoformat()}"
        path = f"/v1/statements?{days}&account={account}&format=ofx"
        content = api.viewer.get(path, accept="*/*").content
        stored = upload(api.operator, content)
        assert stored.status == 201, stored.text
        assert stored.json["rows"]["duplicate"] == stored.json["rows"]["read"] == 4
        assert stored.json["statements"][0]["account"] == account
        assert {each["id"] for each in made} < {
            row["entry"] for row in rows(api.viewer, stored.json)
        }


def test_lists_are_paged_by_bound_cursors(api: Api) -> None:
    account = fresh_account()
    stored = preview(
        api.operator, statement(*((2, f"{number}.00", "A") for number in range(1, 8))), account
    )
    path = f"/v1/imports/{stored['id']}/rows?limit=3"
    numbers, query = [], ""
    while query is not None:
        page = api.viewer.get(f"{path}{query}").json
        numbers += [row["row"] for row in page["items"]]
        query = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    cursor = api.viewer.get(path).json["next_cursor"]
    other = f"{path}&cursor={cursor}&outcome=created"
    assert api.viewer.get(other).is_problem(400, "cursor")
    assert api.viewer.get(f"{path}&cursor={cursor[:-1]}A").is_problem(400, "cursor")
    filtered = api.viewer.get(f"{path}&outcome=created").json
    assert [row["row"] for row in filtered["items"]] == [1, 2, 3] and filtered["next_cursor"]
    assert api.viewer.get(f"{path}&outcome=refused").json == {"items": [], "next_cursor": None}
    preview(api.operator, statement((2, "1.00", "B")), account)
    first = api.viewer.get("/v1/imports?limit=1")
    assert 'rel="next"' in first.headers["link"]
    second = api.viewer.get(f"/v1/imports?limit=1&cursor={first.json['next_cursor']}").json
    assert second["items"][0]["id"] == stored["id"]


def decide(api: Api, stored: dict[str, Any], *decisions: dict[str, Any]) -> Response:
    body = json.dumps({"decisions": decisions}).encode()
    headers = {"content_type": "application/json"}
    return api.operator.request("PATCH", f"/v1/imports/{stored['id']}", headers, body)
