"""Mutated bank files: a few of those that `python -m verification.bank_fuzz` reads."""

import pytest

from chalicelib.importing import preview
from chalicelib.importing.preview import Verdict
from verification import bank_fuzz
from verification.bank_fuzz import FuzzError, fuzz, own_sources


def test_mutated_files_lose_no_row() -> None:
    result = fuzz(own_sources(), range(150))
    assert result["files read"] + result["files refused"] == 150
    assert result["rows created"] > 50


def test_a_row_without_a_reason_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_verdict", lambda *_: Verdict("refused"))
    with pytest.raises(FuzzError, match="FuzzError: a row was refused without a reason"):
        fuzz(own_sources(), range(1, 50))


def test_slow_reading_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_fuzz, "SECONDS", -1.0)
    with pytest.raises(FuzzError, match="bytes took"):
        fuzz(own_sources(), [1])
