"""Each program that reads statements notices another balance; all of them agree on a right one."""

from pathlib import Path

import pytest

from verification import statement_readers
from verification.commands import VerificationError
from verification.kit.generators import entries
from verification.statement_readers import Subject, make_subject


@pytest.fixture(scope="module")
def subject() -> Subject:
    recorded = entries(12, 60, ["padaria"], days=400, mix=statement_readers.MIX)
    return make_subject(recorded, None, "BRL")


def test_own_readers_find_the_expected_balances(subject: Subject, tmp_path: Path) -> None:
    for read in (statement_readers._csv, statement_readers._xlsx):
        assert list(read(subject, tmp_path)) == []


def test_another_balance_is_noticed(subject: Subject, tmp_path: Path) -> None:
    wrong = [day._replace(opening_minor=day.opening_minor + 1) for day in subject.expected]
    other = Subject(subject.statement, wrong)
    for read in (statement_readers._csv, statement_readers._xlsx):
        assert list(read(other, tmp_path)) == ["its balances of days differ"]


def test_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VerificationError, match="apt install hledger"):
        statement_readers.main()
