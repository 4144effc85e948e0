"""Many scenarios violate no invariant, and a seed gives the same scenario in every process."""

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.verification.command import completed
from verification.simulation import seeds, trace
from verification.simulation.__main__ import main
from verification.simulation.scenario import untraced
from verification.simulation.seeds import run_seed
from verification.simulation.stores.ledger_requests import UnknownRequestError
from verification.simulation.violations import InvariantError
from verification.simulation.world import World

SEEDS = 16 if "CI" in os.environ else 8
SAMPLE = (0, 3, 7, 16, 29, 41, 58, 74, 87, 116, 145, 199)
MISTAKE = "no deduplication"


class Printed(NamedTuple):
    """What the command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def simulate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Printed]:
    """Runs the command in this process."""

    def run(*words: str) -> Printed:
        monkeypatch.setattr(sys, "argv", ["simulation", *words])
        try:
            return Printed(main(), *capsys.readouterr())
        except SystemExit as end:
            return Printed(int(str(end)), *capsys.readouterr())

    return run


@pytest.mark.parametrize("first", [200, 5_000, 50_000, 500_000])
def test_random_scenarios_violate_no_invariant(first: int) -> None:
    # CI runs another 500, and `make simulate` 2,000 and more.
    total = seeds.Outcome()
    for seed in range(first, first + SEEDS):
        total.add(seeds.outcome_of(seed, None, untraced))
    assert (total.seeds, total.failures) == (SEEDS, {})
    # Scenarios without entries, faults or closings would prove nothing.
    assert all(count >= SEEDS / 2 for count in total.counts.values())
    assert len([label for label in total.counts if label.startswith("fault: ")]) == 5


def test_the_command_prints_and_writes_the_outcome(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    # Three short scenarios, each of which runs twice.
    words = ("--seeds", "3", "--first", "219", "--workers", "1", "--json", str(report))
    result = completed("verification.simulation", *words)
    assert result.returncode == 0, result.stdout
    assert "0 lost, 0 doubled, 0 cents of drift" in result.stdout
    outcome = json.loads(report.read_text())
    assert (outcome["seeds"], outcome["failures"]) == (3, {})
    assert outcome["counts"] == sum((run_seed(seed).counts for seed in range(219, 222)), Counter())


@pytest.mark.parametrize("seed", [5_297, 12_366])
def test_seed_that_failed_once_passes(seed: int) -> None:
    # 5,297: a request's put came a day after its clock was read, while its day was closed.
    # 12,366: a total was altered after the last one of its kind had been lost.
    assert run_seed(seed, None, without_imports).digest


def without_imports(world: World) -> None:
    """Change nothing but that no files are imported, as when these seeds failed."""
    chance, of_no_imports = world.chance, random.Random(0)
    swapped = {"imports": of_no_imports}
    setattr(world, "chance", lambda name: swapped.get(name) or chance(name))  # noqa: B010


def test_a_failing_seed_is_printed_and_reproducible(simulate: Callable[..., Printed]) -> None:
    words = ("--first", "42", "--seeds", "2", "--workers", "2", "--mutant", MISTAKE)
    result = completed("verification.simulation", *words)
    assert result.returncode == 1
    text = re.search(
        r"^seed (\d+) fails: (.*)\n.*: (python -m .* --seed \1 .*)$", result.stdout, re.M
    )
    assert text is not None, result.stdout
    command = f"python -m verification.simulation --seed {text[1]} --mutant '{MISTAKE}'"
    assert text[3] == command
    with pytest.raises(InvariantError) as violation:
        run_seed(int(text[1]), MISTAKE)
    assert str(violation.value) == text[2]
    again = simulate("--seed", text[1], "--mutant", MISTAKE)
    assert again.returncode == 1
    assert again.stdout.endswith(f"seed {text[1]} fails: {text[2]}\n")


def test_every_saved_trace_is_another() -> None:
    assert len(set(trace.saved_digests())) == trace.SAVED_SEEDS


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_seed_leaves_its_saved_trace(seed: int) -> None:
    # The traces were saved by another process, with another order of sets and on another machine.
    # `python -m verification.simulation --traces check` replays all of them.
    assert run_seed(seed).digest == trace.saved_digests()[seed]


def test_the_first_differing_trace_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, simulate: Callable[..., Printed]
) -> None:
    monkeypatch.setattr(trace, "SAVED_SEEDS", 2)
    monkeypatch.setattr(trace, "SAVED_DIGESTS", tmp_path / "digests.json")
    saved = simulate("--workers", "1", "--traces", "save")
    assert saved.returncode == 0
    assert saved.stdout.endswith("\n0 of 2 traces differ\n")
    digests = json.loads(trace.SAVED_DIGESTS.read_text())
    assert len(set(digests)) == 2
    trace.SAVED_DIGESTS.write_text(json.dumps([digests[0], "another"]))
    checked = simulate("--workers", "1", "--traces", "check")
    assert checked.returncode == 1
    assert checked.stdout.endswith("\n1 of 2 traces differ, the first for seed 1\n")


def test_a_trace_shows_what_reaches_each_store(
    tmp_path: Path, simulate: Callable[..., Printed]
) -> None:
    trace = tmp_path / "trace"
    assert simulate("--seed", "3", "--trace", str(trace)).returncode == 0
    lines = trace.read_text().splitlines()
    puts = [line for line in lines if line.startswith('call dynamodb.put ["answered", {')]
    assert '"amount_minor": {"N": "' in puts[0]
    labels = {" ".join(line.split()[:2]) for line in lines}
    assert {
        "action record", "call redis.pipeline", "call read_model.insert", "call closings.insert",
        "call kms.sign", "call s3.put", "call eventbridge.put", "call stepfunctions.start",
        "store dynamodb", "store read_model", "store redis", "store s3",
    } <= labels  # fmt: skip


@pytest.mark.parametrize("mistake", [KeyError("no key"), UnknownRequestError("a new request")])
def test_simulation_error_is_not_a_violation(
    monkeypatch: pytest.MonkeyPatch, mistake: BaseException
) -> None:
    def broken(*_: object) -> None:
        raise mistake

    monkeypatch.setattr(seeds, "run_seed", broken)
    failures = seeds.outcome_of(1, None).failures
    assert list(failures) == [1]
    assert type(mistake).__name__ in failures[1]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--traces", "check", "--mutant", MISTAKE), "error: --traces "),
        (("--trace", "a file without a seed"), "error: --trace "),
        (("--seeds", "0"), "argument --seeds: must be 1 or more, and is '0'"),
        (("--workers", "0"), "argument --workers: must be 1 or more, and is '0'"),
    ],
)
def test_wrong_options_are_rejected(
    words: tuple[str, ...], error: str, simulate: Callable[..., Printed]
) -> None:
    result = simulate(*words)
    assert (result.returncode, result.stdout) == (2, "")
    assert error in result.stderr
