"""What `make import` sends and prints; docs/bank-files.md runs it on the laptop cloud."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chalicelib.api.problems import problem_body
from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.bank_files.errors import BankFileError, FileReason
from chalicelib.importing.accounts import accounts_of
from chalicelib.ledger.errors import LivroCaixaError
from local import demo_client
from local.demo_client import ApiClient, DemoError
from local.http_client import Response
from local.import_file import Layout, import_file
from tests.api.requests import http_request

ROW = {
    "row": 1, "day": "2026-10-02", "amount": "300.00", "outcome": "created", "reason": None,
    "description": "PIX", "entry": "e1", "candidates": [],
}  # fmt: skip
OUTCOMES = ("created", "duplicate", "needs_decision", "refused", "information")


class Service:
    """The routes that an import needs, without a service; entries are read at the third request."""

    base_url = "http://livro"

    def __init__(
        self, *rows: dict[str, Any], error: LivroCaixaError | None = None, unread: str = ""
    ) -> None:
        self.rows = rows
        self.row = rows[0]
        self.error = error
        self.unread = unread
        self.sent: list[tuple[str, Any]] = []
        self.waits = 0
        self.lists: list[str] = []

    def upload(self, path: str, content: bytes, media_type: str, key: str | None) -> Any:
        self.sent.append((path, media_type))
        if self.error:
            problem = problem_body(self.error, http_request("POST", path, path), path)
            raise DemoError(self.error.detail, problem)
        return self._import("preview", "0.00")

    def request(self, method: str, path: str, body: Any = None) -> Any:
        if method == "PUT":
            self.sent.append((path, body))
        if path.startswith("/v1/daily-balances"):
            self.waits += 1
            is_unread = path.endswith(f"={self.unread}") and self.waits < 5
            return {"freshness": {"complete": self.waits >= 3 and not is_unread}}
        if "/rows" in path:
            return {"items": self.rows, "next_cursor": None}
        if path.startswith("/v1/entries?"):
            self.lists.append(path)
            ids = [row["entry"] for row in self.rows if row["entry"] != self.unread]
            page, rest = (ids[:200], "next") if "cursor" not in path else (ids[200:], None)
            return {"items": [{"id": each} for each in page], "next_cursor": rest}
        return self._import("recorded", "300.00" if self.waits >= 3 else "0.00")

    def change(self, path: str, changed: Callable[[Any], Any]) -> None:
        self.sent.append((path, changed({"accounts": {"1": "bank"}})))

    def _import(self, status: str, book: str) -> dict[str, Any]:
        tie_out = {
            "file": "450.00", "book": book, "difference": "150.00", "parted_on": "2026-10-01",
            "opening_missing": "150.00",
        }  # fmt: skip
        facts = {"account": "bank", "from": "2026-10-01", "closing_day": "2026-10-02"}
        counts = {name: int(name == self.row["outcome"]) for name in OUTCOMES}
        return {
            "id": "i1", "status": status, "rows": {"read": 1, **counts},
            "statements": [{**facts, "tie_out": tie_out}],
        }  # fmt: skip


def run(service: Any, path: Path, account: str | None = "bank", **layout: Any) -> list[str]:
    lines: list[str] = []
    path.write_bytes(b"x")
    import_file(service, path, account, lines.append, Layout(**layout))
    return lines


def test_tie_out_waits_for_the_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = Service(ROW)
    assert run(service, tmp_path / "a.ofx") == [
        "a.ofx: recorded, 1 rows: 1 created",
        "Tie-out of bank on 2026-10-02: bank 450.00, book 300.00, difference 150.00, differing "
        "from 2026-10-01 on; the book lacks the opening balance 150.00: record it as an entry of "
        "2026-09-30",
    ]
    assert capsys.readouterr().out == "     1  2026-10-02          300.00  created         PIX\n"
    assert service.sent[0] == ("/v1/imports?account=bank", "application/x-ofx")


def test_open_rows_are_shown_with_their_entries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidates = [{"entry": "e7", "day": "2026-10-01", "description": "Pix da Ana"}]
    row = {**ROW, "outcome": "needs_decision", "reason": "decide", "candidates": candidates}
    *_, last = run(Service(row), tmp_path / "a.csv")
    assert "http://livro/#bank?import=i1" in last
    assert "PATCH /v1/imports/i1." in last
    assert capsys.readouterr().out.splitlines() == [
        "     1  2026-10-02          300.00  needs_decision  PIX (decide)",
        "        may be e7 of 2026-10-01, Pix da Ana",
    ]


def test_accounts_and_columns_are_stored_first(tmp_path: Path) -> None:
    columns = {"day": "Data", "description": ["Hist"], "amount": "Valor"}
    mapping = tmp_path / "columns.json"
    mapping.write_text(json.dumps(columns))
    service = Service(ROW)
    run(service, tmp_path / "a.csv", "111/3=savings,2=till", mapping=mapping)
    assert service.sent[:3] == [
        ("/v1/import-accounts", {"accounts": {"1": "bank", "111/3": "savings", "2": "till"}}),
        ("/v1/import-mappings/make-import", columns),
        ("/v1/imports?mapping=make-import", "text/csv"),
    ]
    run(service, tmp_path / "a.csv", None, preset="itau-account")
    assert ("/v1/imports?preset=itau-account", "text/csv") in service.sent
    mapping.write_text("{")
    with pytest.raises(DemoError, match=r"columns\.json is not JSON"):
        run(service, tmp_path / "a.csv", mapping=mapping)


def test_all_rows_of_the_last_page_are_awaited(tmp_path: Path) -> None:
    # The ledger got row 501 last, because its first request was throttled.
    rows = [{**ROW, "row": number, "entry": f"e{number}"} for number in range(1, 541)]
    rows[-1] = {**rows[-1], "day": "2026-10-09"}
    service = Service(*rows, unread="e501")
    run(service, tmp_path / "a.ofx")
    assert service.waits == 3 + 2  # for row 540, and for row 501, which the list lacks
    listed = "/v1/entries?from=2026-10-02&to=2026-10-09&limit=200"
    assert service.lists == [listed, f"{listed}&cursor=next"]


def test_list_of_a_busy_day_is_left_early(tmp_path: Path) -> None:
    class Busy(Service):
        """A book with endless entries of others on these days."""

        def request(self, method: str, path: str, body: Any = None) -> Any:
            response = super().request(method, path, body)
            is_list = path.startswith("/v1/entries?")
            return {"items": [], "next_cursor": "next"} if is_list else response

    service = Busy(ROW)
    run(service, tmp_path / "a.ofx")
    assert (len(service.lists), service.waits) == (5, 3 + 1)  # the entry is read by its id then


def test_long_import_shows_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Service):
        """Records in two requests, and takes two seconds for each page of rows."""

        seconds = 0.0

        def request(self, method: str, path: str, body: Any = None) -> Any:
            response = super().request(method, path, body)
            if path.endswith("/recording") and len(self.sent) == 2:
                return {**response, "status": "recording"}
            if "/rows" in path:
                self.seconds += 2
                return {**response, "next_cursor": "c" if self.seconds < 8 else None}
            return response

    service = Slow(ROW)
    monkeypatch.setattr("local.import_file.time.monotonic", lambda: service.seconds)
    lines = run(service, tmp_path / "a.ofx")
    assert lines[:3] == [
        "Recording 1 rows …",
        "2 of 1 rows are read …",
        "4 of 1 rows are read …",
    ]


def unknown_accounts(*numbers: str, given: str | None = None) -> LivroCaixaError:
    statements = [BankStatement(number, "BRL", (), None, None, None) for number in numbers]
    with pytest.raises(LivroCaixaError) as raised:
        accounts_of(statements, given, {}, [])
    return raised.value


def unreadable(reason: FileReason) -> LivroCaixaError:
    return BankFileError(reason, "The file cannot be read.")


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (unknown_accounts("1"), "Say which account of the book it is, such as ACCOUNT=bank."),
        (unknown_accounts("1", "2"), "ACCOUNT=00012-3=bank,111/33333="),
        (unknown_accounts("1", "2", given="bank"), "ACCOUNT=00012-3=bank,111/33333="),
        (unreadable("ambiguous-columns"), "PRESET=… sends one of them."),
        (unreadable("unknown-columns"), "for MAPPING=columns.json."),
    ],
)
def test_errors_say_what_to_do_here(error: LivroCaixaError, hint: str, tmp_path: Path) -> None:
    with pytest.raises(DemoError) as raised:
        run(Service(ROW, error=error), tmp_path / "a.csv")
    first, second = str(raised.value).splitlines()
    assert (first, hint in second) == (error.detail, True)


@dataclass
class Accounts:
    """The accounts over HTTP, which others change `changes` times after they were read."""

    changes: int
    stored: dict[str, str] = field(default_factory=dict)
    version: int = 0

    def __call__(self, method: str, url: str, headers: Any, body: Any) -> Response:
        tag = f'W/"{self.version}"'
        if method == "GET":
            response = Response(200, {"ETag": tag}, json.dumps({"accounts": self.stored}).encode())
            if self.changes:
                self.changes, self.version = self.changes - 1, self.version + 1
                self.stored[f"other {self.version}"] = "till"
            return response
        if headers.get("If-Match") != tag:
            problem = {"Content-Type": "application/problem+json"}
            return Response(412, problem, b'{"status": 412, "detail": "changed"}')
        self.stored = json.loads(body)["accounts"]
        return Response(200, {}, body.encode())


def change_accounts() -> None:
    client = ApiClient("http://livro", "token")
    client.change(
        "/v1/import-accounts", lambda stored: {"accounts": stored["accounts"] | {"1": "a"}}
    )


def test_concurrent_change_of_accounts_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = Accounts(changes=1)
    monkeypatch.setattr(demo_client, "call", accounts)
    change_accounts()
    assert accounts.stored == {"other 1": "till", "1": "a"}
    accounts.changes = 9
    with pytest.raises(DemoError, match="run the command again"):
        change_accounts()
