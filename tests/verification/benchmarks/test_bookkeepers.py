"""Every program's balances are held against the plain loop's, to the cent."""

from pathlib import Path

import pytest

from verification.benchmarks import ledger_programs
from verification.benchmarks.books import Balances, Files, running, write_files

ENTRIES = 300
TRUTH: Balances = {("padaria:main", "2026-11-22"): 100, ("padaria:main", "2026-11-23"): 70}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("book"), ENTRIES)


def test_our_code_and_the_plain_loop_agree_and_take_each_entry_once(files: Files) -> None:
    lines = files.table.read_text().splitlines()
    assert len(lines) > len(set(lines)) == ENTRIES
    truth = ledger_programs.plain_loop(files.table)
    ledger_programs.agree(truth, ledger_programs.own_code(files.table), "our code")
    assert truth == ledger_programs.own_code(files.table)


def test_the_journals_hold_the_same_sum(files: Files) -> None:
    def sum_of(path: Path, account: str) -> int:
        words = [line.split() for line in path.read_text().splitlines() if account in line]
        return sum(round(float(word[1]) * 100) for word in words if word[-1] == "BRL")

    newest = {account: cents for (account, _), cents in sorted(_ends(files).items())}
    assert sum_of(files.hledger, "assets:") == sum(newest.values())
    assert sum_of(files.ledger, "assets:") == sum(newest.values())


def test_a_cent_too_many_is_found() -> None:
    ledger_programs.agree(TRUTH, dict(TRUTH), "honest")
    with pytest.raises(RuntimeError, match="71 cents"):
        ledger_programs.agree(TRUTH, TRUTH | {("padaria:main", "2026-11-23"): 71}, "wrong")


def test_a_day_that_is_left_out_must_not_have_changed_anything() -> None:
    unchanged = TRUTH | {("padaria:main", "2026-11-24"): 70}
    ledger_programs.agree(unchanged, TRUTH, "terse")
    with pytest.raises(RuntimeError):
        ledger_programs.agree(TRUTH, {("padaria:main", "2026-11-22"): 100}, "forgetful")


def test_running_balances_add_up_by_account_in_the_order_of_days() -> None:
    changes = [("b", "2026-11-22", 5), ("a", "2026-11-23", -30), ("a", "2026-11-22", 100)]
    assert running(changes) == {
        ("a", "2026-11-22"): 100,
        ("a", "2026-11-23"): 70,
        ("b", "2026-11-22"): 5,
    }


def _ends(files: Files) -> Balances:
    ends: Balances = {}
    for (account, _), cents in sorted(ledger_programs.plain_loop(files.table).items()):
        ends[account, "end"] = cents
    return ends
