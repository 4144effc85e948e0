"""The command that compares bank files with their expectations."""

import json
from pathlib import Path

import pytest

from tests.bank_files.examples import ofx, transaction
from verification.bank_samples import main

ENTRY = {"day": "2026-10-05", "amount": "-1.50", "id": "7", "description": "PIX"}
STATEMENT = {
    "account": "1",
    "currency": "BRL",
    "opening": None,
    "closing": None,
    "sum": "-1.50",
    "entries": [ENTRY],
    "other_rows": [{"row": "SALDO", "why": "balance", "amount": "9.00"}],
}


@pytest.mark.parametrize("name", ["expected.json", "older.json"])
@pytest.mark.parametrize(("amount", "wrong"), [("-1.50", 0), ("-1.51", 1)])
def test_differences_are_printed_and_counted(
    amount: str, wrong: int, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = transaction("20261005", "-1,50", "7") + transaction("20261005", "9", "", "SALDO")
    (tmp_path / "a.ofx").write_text(ofx(rows), "utf-8")
    expected = {
        "format": "OFX 1.02",
        "encoding": "ASCII",
        "counts": {"created": 1, "information": 1},
        "statements": [STATEMENT | {"entries": [ENTRY | {"amount": amount}]}],
    }
    (tmp_path / name).write_text(json.dumps({"a.ofx": expected}), "utf-8")
    assert main(tmp_path, None if name == "expected.json" else tmp_path / name) == wrong
    printed = capsys.readouterr().out
    assert ("expected: " in printed) == bool(wrong)
    assert printed.endswith(f"1 files, {wrong} differ\n")
