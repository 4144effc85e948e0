"""Contenders take turns, results have their bounds, and every comparison runs to its end."""

import itertools
import json
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest

from tests.verification.command import completed
from verification.benchmarks import COMPARISONS
from verification.benchmarks import __main__ as benchmarks_command
from verification.benchmarks.rebuild import own_rebuild, plain_loop, running, write_table
from verification.benchmarks.results import Comparison, at_least, at_most, summary
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.commands import run_command
from verification.report_page import comparison_section


def compared(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Return a finished comparison; the folder has the result of an earlier run."""
    (folder / "benchmarks.json").write_text("of an earlier run")
    return completed("verification.benchmarks", "--rounds", "1", *options, LIVRO_PROOF=folder)


def test_every_comparison_runs_and_is_stored(tmp_path: Path) -> None:
    command = compared(tmp_path, "--entries", "20")
    assert command.returncode == 0, command.stderr
    comparisons = json.loads((tmp_path / "benchmarks.json").read_text())["outcome"]["comparisons"]
    assert len(comparisons) == len(COMPARISONS) == 10
    assert all(f"### {comparison['title']}" in command.stdout for comparison in comparisons)
    assert "Next: python -m verification --collect" in command.stderr


def test_single_comparison_keeps_stored_results(tmp_path: Path) -> None:
    command = compared(tmp_path, "--entries", "60", "--only", "rebuild")
    assert command.returncode == 0, command.stderr
    assert "### Daily balances of 60 entries, from a file" in command.stdout
    assert (tmp_path / "benchmarks.json").read_text() == "of an earlier run"


def test_failed_comparison_is_named_without_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "benchmarks.json").write_text("of an earlier run")
    monkeypatch.setenv("LIVRO_PROOF", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    monkeypatch.setattr(benchmarks_command, "run_child", lambda *_: 1)
    assert run_command(benchmarks_command.main, "") == 1
    assert "Error: the comparison projection failed with exit code 1" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_contenders_take_turns() -> None:
    ran: list[str] = []
    interleaved([Contender(name, partial(ran.append, name)) for name in "abc"], 3)
    assert "".join(ran) == "abc" + "abc" + "bca" + "cab"


def test_preparation_is_not_measured() -> None:
    seconds = itertools.count(step=2)
    prepared: list[int] = []
    contender = Contender(
        "a", lambda: None, units=4, prepare=lambda: prepared.append(next(seconds))
    )
    measured = interleaved([contender], 2, clock=lambda: float(next(seconds)))
    assert measured.seconds == {"a": [0.5, 0.5]}
    assert len(prepared) == 3


def test_ratios_are_of_the_best_rounds() -> None:
    measured = Measured({"slow": [9.0, 4.0], "fast": [2.0, 8.0]})
    assert measured.ratio("slow", "fast") == 2.0
    assert measured.speed("fast") == 0.5


def test_targets_are_met_within_their_bounds() -> None:
    assert at_least("fast", 0.8, 0.8).met and not at_least("fast", 0.79, 0.8).met
    assert at_most("slow", 1.5, 1.5).met and not at_most("slow", 1.51, 1.5).met


def test_missed_target_is_shown_with_reason() -> None:
    targets = [
        at_least("fast", 0.9, 0.8, "It is not shown."),
        at_most("slow", 1.6, 1.5, "It does more."),
    ]
    comparison = asdict(Comparison("Title", "About.", ["", "time"], [["ours", "1 s"]], targets))
    page = "\n".join(comparison_section(comparison))
    assert "| ours | 1 s |" in page
    assert "Missed: slow. It does more." in page
    assert "not shown" not in page
    assert summary([comparison]) == "1 of 2 targets are met."


def test_all_programs_count_each_entry_once(tmp_path: Path) -> None:
    table = write_table(tmp_path / "table.jsonl", 300)
    lines = table.read_text().splitlines()
    assert len(lines) > len(set(lines)) == 300
    assert plain_loop(table) == own_rebuild(table)


def test_running_balances_are_by_account_and_day() -> None:
    changes = [("b", "2026-11-22", 5), ("a", "2026-11-23", -30), ("a", "2026-11-22", 100)]
    assert running(changes) == {
        ("a", "2026-11-22"): 100,
        ("a", "2026-11-23"): 70,
        ("b", "2026-11-22"): 5,
    }
