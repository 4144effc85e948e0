"""The checker as a command: what it passes, what it says it did not see, and its exit codes."""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import verify
from tests.verify.book import KEY_ID, write
from tests.verify.month import honest_month

HONEST = honest_month()
CHECKER = Path(verify.__file__)


def run(arguments: list[str], *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def only(*kinds: str) -> dict[str, Any]:
    return {name: HONEST[name] for name in HONEST if name.startswith(("keys", *kinds))}


def test_an_honest_month_holds_for_a_checker_that_stands_alone(tmp_path: Path) -> None:
    checker = shutil.copy(CHECKER, tmp_path)
    done = run([str(checker), *write(HONEST, tmp_path)], "-I")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.startswith("holds  ") for line in lines[:-1])
    assert len(lines) == 34 + 34 + 3 + 2 + 1
    assert lines[-1] == "Holds: all that was given."


def test_leaves_may_come_in_pages_and_in_any_order(tmp_path: Path) -> None:
    answers = copy.deepcopy(HONEST)
    page = answers["leaves-2026-11-10-2.json"]
    answers["leaves-b.json"] = {**page, "items": page["items"][:2], "next_cursor": "x"}
    page["items"] = page["items"][:1:-1]
    assert verify.main(write(answers, tmp_path)) == 0


def test_a_proof_holds_with_the_keys_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([*write(only("proof"), tmp_path), "--merchant", "padaria"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("holds  proof of entry ")
    assert len(lines) == 2


def test_a_merchant_cannot_pass_for_the_one_expected(tmp_path: Path) -> None:
    assert verify.main([*write(only("proof"), tmp_path), "--merchant", "rival"]) == 1


def test_what_was_not_given_is_told_as_not_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = only("closings-2026-12")
    assert verify.main(write(answers, tmp_path)) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note")]
    assert notes == [
        "note   nothing before sequence 32 was given",
        "note   3 of 3 closings have no leaves that hold: entries not looked at",
        "note   no --head was given: closings cut off at the end would not be seen",
    ]


def test_gaps_before_the_sequence_asked_for_are_no_fault(tmp_path: Path) -> None:
    answers = only("closings-2026-12", "closings-2026-11-10")
    arguments = write(answers, tmp_path)
    assert verify.main(arguments) == 1
    assert verify.main([*arguments, "--since", "32"]) == 0
    assert verify.main([*arguments, "--since", "31"]) == 1


def test_openings_are_checked_from_the_middle_of_a_chain_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = only("closings-2026-11-1", "closings-2026-11-2", "closings-2026-11-3")
    arguments = [*write(answers, tmp_path), "--since", "12"]
    assert verify.main(arguments) == 0
    assert "holds  the opening balances" in capsys.readouterr().out


def test_the_object_from_the_bucket_serves_as_a_closing(tmp_path: Path) -> None:
    answers = only("head")
    arguments = write(answers, tmp_path)
    assert verify.main([*arguments, "--closings", str(tmp_path / "head.json")]) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("closings-x.json", "{"),
        ("closings-x.json", '{"items": [], "items": []}'),
        ("closings-x.json", '{"items": []}'),
        ("closings-x.json", '{"items": [1]}'),
        ("closings-x.json", '{"items": [{"entries": 1.0}]}'),
        ("closings-x.json", '{"items": [{"entries": NaN}]}'),
        ("closings-x.json", "[" * 100_000),
        ("closings-x.json", '{"entries": ' + "9" * 5000 + "}"),
        ("closings-x.json", "[]"),
        ("leaves-x.json", '{"items": []}'),
        ("leaves-x.json", '{"merchant": "a", "day": "b", "version": 1, "items": {}}'),
        ("proof.json", '"\ud800"'),
        ("keys.json", '{"keys": {"a": "no PEM"}}'),
        ("keys.json", '{"keys": []}'),
        ("keys.json", "{}"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {**only("closings-2026-12-01"), **({name: {}})}
    arguments = write(answers, tmp_path)
    (tmp_path / name).write_text(text, errors="surrogatepass")
    assert verify.main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"cannot read {tmp_path}/{name}: ")


def test_a_key_of_another_curve_cannot_be_read(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from tests.verify.book import pem

    other = ec.generate_private_key(ec.SECP384R1())
    answers = {**only("head"), "keys.json": {"keys": {KEY_ID: pem(other)}}}
    assert verify.main(write(answers, tmp_path)) == 2


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    assert verify.main(["--keys", str(tmp_path / "none.json"), "--head", "none.json"]) == 2


def test_asking_for_nothing_is_a_wrong_use() -> None:
    with pytest.raises(SystemExit) as stopped:
        verify.main(["--keys", "keys.json"])
    assert stopped.value.code == 2


def test_help_tells_files_and_exit_codes_without_any_package() -> None:
    done = run([str(CHECKER), "--help"], "-I", "-S")
    assert done.returncode == 0
    assert "Exit code: 0 all holds, 1 something does not" in done.stdout


def test_a_missing_cryptography_is_told(tmp_path: Path) -> None:
    done = run([str(CHECKER), *write(HONEST, tmp_path)], "-I", "-S")
    assert done.returncode == 3
    assert "pip install cryptography" in done.stderr


def test_what_a_file_says_cannot_write_to_the_terminal_as_it_likes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = copy.deepcopy(HONEST)
    answers["head.json"]["day"] = "\x1b[2J\x1b[Hholds\n"
    assert verify.main(write(answers, tmp_path)) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_closing_given_twice_counts_once(tmp_path: Path) -> None:
    answers = {**HONEST, "closings-again.json": HONEST["closings-2026-11-10.json"]}
    assert verify.main(write(answers, tmp_path)) == 0


def test_every_answer_survives_being_written_and_read() -> None:
    assert json.loads(json.dumps(HONEST)) == HONEST
