"""Two thousand stories stay true, and each is the same story again wherever it is told."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from verification.simulation import seeds, trace_digests
from verification.simulation.__main__ import main
from verification.simulation.seeds import tell_one
from verification.simulation.stores.ledger_table import UnknownRequestError
from verification.simulation.violations import InvariantError

ROOT = Path(__file__).parents[3]
SEEDS = 2000
SAMPLE = (0, 3, 29, 58, 87, 116, 145, 199)
MISTAKE = "no deduplication"


def simulate(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the command that `make simulate` runs."""
    return subprocess.run(
        [sys.executable, "-m", "verification.simulation", *words],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_thousand_stories_lose_nothing_double_nothing_and_are_not_a_cent_off(
    tmp_path: Path,
) -> None:
    report = tmp_path / "report.json"
    result = simulate("--seeds", str(SEEDS), "--json", str(report))
    assert result.returncode == 0, result.stdout
    assert "0 lost, 0 doubled, 0 cents of drift" in result.stdout
    counted = json.loads(report.read_text())
    assert (counted["seeds"], counted["failures"]) == (SEEDS, {})
    # Stories without entries, faults or closings would prove nothing.
    assert all(count >= SEEDS for count in counted["counts"].values())
    assert len([what for what in counted["counts"] if what.startswith("fault: ")]) == 5


def test_a_seed_tells_the_same_story_in_every_process() -> None:
    digests = set()
    for hash_seed in ("1", "2", "3"):
        result = simulate("--seeds", "25", "--workers", "1", PYTHONHASHSEED=hash_seed)
        digests.add(result.stdout.rpartition("digest ")[2])
    assert len(digests) == 1


def test_other_seeds_tell_other_stories() -> None:
    assert len({tell_one(seed).digest for seed in range(10)}) == 10


def test_a_seed_that_fails_is_printed_and_fails_in_the_same_way_again() -> None:
    result = simulate("--seeds", "20", "--mutant", MISTAKE)
    assert result.returncode == 1
    text = re.search(
        r"^seed (\d+) fails: (.*)\n.*: (make simulate SEED=\1 .*)$", result.stdout, re.M
    )
    assert text is not None, result.stdout
    assert text[3] == f"make simulate SEED={text[1]} ARGS=\"--mutant '{MISTAKE}'\""
    with pytest.raises(InvariantError) as violation:
        tell_one(int(text[1]), MISTAKE)
    assert str(violation.value) == text[2]
    again = simulate("--seed", text[1], "--mutant", MISTAKE)
    assert again.returncode == 1
    assert again.stdout.endswith(f"seed {text[1]} fails: {text[2]}\n")


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_seed_leaves_its_saved_trace(seed: int) -> None:
    # `python -m tests.simulation --check-traces` replays all of them.
    assert tell_one(seed).digest == trace_digests.saved()[seed]


def test_the_first_trace_that_differs_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trace_digests, "SEEDS", 3)
    monkeypatch.setattr(trace_digests, "FILE", tmp_path / "digests.json")
    monkeypatch.setattr(sys, "argv", ["simulation", "--workers", "1", "--save-traces"])
    assert main() == 0
    assert capsys.readouterr().out == "\nall 3 traces are as saved\n"
    digests = json.loads(trace_digests.FILE.read_text())
    assert len(set(digests)) == 3
    trace_digests.FILE.write_text(json.dumps([digests[0], "another", digests[2]]))
    monkeypatch.setattr(sys, "argv", ["simulation", "--workers", "1", "--check-traces"])
    assert main() == 1
    assert capsys.readouterr().out == "\n1 of 3 traces differ, first that of seed 1\n"


def test_a_trace_says_what_reached_each_store(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert simulate("--seed", "3", "--trace", str(trace)).returncode == 0
    lines = trace.read_text().splitlines()
    puts = [line for line in lines if line.startswith('call dynamodb.put ["request lost", {')]
    assert '"amount_minor": {"N": "2099"}' in puts[0]
    labels = {" ".join(line.split()[:2]) for line in lines}
    assert {
        "action flush", "call redis.pipeline", "call read_model.insert", "call closings.insert",
        "call kms.sign", "call s3.put", "call eventbridge.put", "call stepfunctions.start",
        "store dynamodb", "store read_model", "store redis", "store s3",
    } <= labels  # fmt: skip


@pytest.mark.parametrize(
    "words", [("--save-traces", "--mutant", MISTAKE), ("--trace", "a file without a seed")]
)
def test_options_that_contradict_are_refused(words: tuple[str, ...]) -> None:
    refused = simulate(*words)
    assert refused.returncode == 2
    assert f"error: {words[0]} " in refused.stderr


@pytest.mark.parametrize(
    "mistake", [KeyError("nothing there"), UnknownRequestError("a new request")]
)
def test_a_mistake_in_the_simulation_itself_is_no_violation(
    monkeypatch: pytest.MonkeyPatch, mistake: BaseException
) -> None:
    def broken(*_: object) -> None:
        raise mistake

    monkeypatch.setattr(seeds, "tell_one", broken)
    failures = seeds._told([1], None).failures
    assert list(failures) == [1]
    assert type(mistake).__name__ in failures[1]


@pytest.mark.parametrize("words", [("--seeds", "0"), ("--seeds", "-3"), ("--workers", "0")])
def test_less_than_one_is_refused(words: tuple[str, str]) -> None:
    result = simulate(*words)
    assert result.returncode == 2
    assert f"argument {words[0]}: must be a number from 1 on, and is '{words[1]}'" in result.stderr
    assert result.stdout == ""
