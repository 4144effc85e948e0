"""What `make import` sends and prints; docs/bank-files.md runs it on the laptop cloud."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.demo_client import DemoError
from local.import_file import Layout, import_file

ROW = {
    "row": 1, "day": "2026-10-02", "amount": "300.00", "outcome": "created", "reason": None,
    "description": "PIX", "entry": "e1", "candidates": [],
}  # fmt: skip
OUTCOMES = ("created", "duplicate", "needs_decision", "refused", "information")


class Service:
    """The routes that an import needs, without a service; entries are read at the third request."""

    base_url = "http://livro"

    def __init__(self, row: dict[str, Any], error: str = "") -> None:
        self.row = row
        self.error = error
        self.sent: list[tuple[str, Any]] = []
        self.waits = 0

    def upload(self, path: str, content: bytes, media_type: str, key: str | None) -> Any:
        self.sent.append((path, media_type))
        if self.error:
            raise DemoError(self.error)
        return self._import("preview", "0.00")

    def request(self, method: str, path: str, body: Any = None) -> Any:
        if method == "PUT":
            self.sent.append((path, body))
        if path.startswith("/v1/daily-balances"):
            self.waits += 1
            return {"freshness": {"complete": self.waits >= 3}}
        if "/rows" in path:
            return {"items": [self.row], "next_cursor": None}
        if path == "/v1/import-accounts":
            return {"accounts": {"1": "bank"}}
        return self._import("recorded", "300.00" if self.waits >= 3 else "0.00")

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


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("account must be absent; PUT … maps their numbers", "ACCOUNT=00012-3=bank,111/33333="),
        ("account must name it", "ACCOUNT=bank says it."),
        ("no preset has this header; send a mapping", "MAPPING=columns.json does"),
        ("it has no header; send the preset itau-account", "PRESET=… does."),
    ],
)
def test_errors_say_what_to_do_here(error: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(DemoError) as raised:
        run(Service(ROW, error), tmp_path / "a.csv")
    first, second = str(raised.value).splitlines()
    assert (first, hint in second) == (error, True)
