"""The checker as a command: what it accepts, what it notes as not checked, and exit codes."""

import copy
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


def test_honest_month_is_valid_for_copied_checker(tmp_path: Path) -> None:
    checker = shutil.copy(CHECKER, tmp_path)
    done = run([str(checker), *write(HONEST, tmp_path)], "-I")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.startswith("valid  ") for line in lines[:-1])
    assert len(lines) == 34 + 34 + 3 + 2 + 1
    assert lines[-1] == "Valid: everything that was given."


def test_leaves_are_joined_in_any_order(tmp_path: Path) -> None:
    files = copy.deepcopy(HONEST)
    page = files["leaves-2026-11-10-2.json"]
    files["leaves-b.json"] = {**page, "items": page["items"][:2], "next_cursor": "x"}
    page["items"] = page["items"][:1:-1]
    assert verify.main(write(files, tmp_path)) == 0


def test_proof_needs_only_the_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([*write(only("proof"), tmp_path), "--merchant", "padaria"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("valid  proof of entry ")
    assert len(lines) == 2


def test_unexpected_merchant_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([*write(only("proof"), tmp_path), "--merchant", "rival"]) == 1
    assert capsys.readouterr().out.endswith("\nINVALID: 1 error.\n")


def test_missing_files_are_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = only("closings-2026-12")
    assert verify.main(write(files, tmp_path)) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note")]
    assert notes == [
        "note   closings before sequence 32 were not given",
        "note   3 of 3 closings have no valid leaves: entries not checked",
        "note   no --head was given: missing closings at the end cannot be detected",
    ]


def test_gaps_before_first_required_sequence_are_valid(tmp_path: Path) -> None:
    files = only("closings-2026-12", "closings-2026-11-10")
    arguments = write(files, tmp_path)
    assert verify.main(arguments) == 1
    assert verify.main([*arguments, "--since", "32"]) == 0
    assert verify.main([*arguments, "--since", "31"]) == 1


def test_openings_are_checked_in_partial_chains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = only("closings-2026-11-1", "closings-2026-11-2", "closings-2026-11-3")
    arguments = [*write(files, tmp_path), "--since", "12"]
    assert verify.main(arguments) == 0
    assert "valid  the opening balances" in capsys.readouterr().out


def test_head_is_a_single_closing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = HONEST["head.json"]
    assert verify.main(write({**HONEST, "head.json": {"items": [head]}}, tmp_path)) == 0
    assert verify.main(write({**HONEST, "head.json": {"items": [head, head]}}, tmp_path)) == 2
    expected = f"cannot read {tmp_path}/head.json: --head needs one closing, not a list of 2\n"
    assert capsys.readouterr().err == expected


def test_object_from_the_bucket_is_a_closing(tmp_path: Path) -> None:
    files = only("head")
    arguments = write(files, tmp_path)
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
def test_unreadable_file_is_named(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**only("closings-2026-12-01"), name: {}}
    arguments = write(files, tmp_path)
    (tmp_path / name).write_text(text, errors="surrogatepass")
    assert verify.main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"cannot read {tmp_path}/{name}: ")


def test_key_of_another_curve_is_unreadable(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from tests.verify.book import pem

    other = ec.generate_private_key(ec.SECP384R1())
    files = {**only("head"), "keys.json": {"keys": {KEY_ID: pem(other)}}}
    assert verify.main(write(files, tmp_path)) == 2


def test_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert verify.main(["--keys", str(tmp_path / "none.json"), "--head", "none.json"]) == 2


def test_nothing_to_check_is_an_error() -> None:
    with pytest.raises(SystemExit) as stopped:
        verify.main(["--keys", "keys.json"])
    assert stopped.value.code == 2


def test_help_needs_no_packages() -> None:
    done = run([str(CHECKER), "--help"], "-I", "-S")
    assert done.returncode == 0
    assert "Exit code: 0 everything is valid, 1 something is not" in done.stdout


def test_missing_cryptography_is_named(tmp_path: Path) -> None:
    done = run([str(CHECKER), *write(HONEST, tmp_path)], "-I", "-S")
    assert done.returncode == 3
    assert "pip install cryptography" in done.stderr


def test_terminal_control_characters_are_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = copy.deepcopy(HONEST)
    files["head.json"]["day"] = "\x1b[2J\x1b[Hvalid\n"
    assert verify.main(write(files, tmp_path)) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_repeated_closing_counts_once(tmp_path: Path) -> None:
    files = {**HONEST, "closings-again.json": HONEST["closings-2026-11-10.json"]}
    assert verify.main(write(files, tmp_path)) == 0
