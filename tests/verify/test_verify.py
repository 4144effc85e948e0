"""The checker as a command: what it accepts, what it notes as not checked, and exit codes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import verify
from tests.verify.book import (
    KEY_ID,
    Book,
    Check,
    Files,
    pem,
    reseal,
    saved_files,
    statement_of,
    write,
)
from tests.verify.month import FIRST

CHECKER = Path(verify.__file__)
NO_TEXT = "have no text (erased, or saved without texts=true): not compared"


def run(arguments: list[str], *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def only(files: Files, *kinds: str) -> Files:
    return {name: files[name] for name in files if name.startswith(("keys", *kinds))}


def test_honest_month_is_valid_for_copied_checker(month: Files, tmp_path: Path) -> None:
    checker = shutil.copy(CHECKER, tmp_path)
    done = run([str(checker), *write(month, tmp_path)], "-I")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.startswith("valid  ") for line in lines[:-2])
    assert len(lines) == 34 + 34 + 4 + 2 + 1 + 1
    assert lines[-2] == f"note   88 leaves {NO_TEXT}"
    assert lines[-1] == "Valid: everything that was given."


def test_order_and_repetition_are_irrelevant(month: Files, check: Check) -> None:
    month["closings-again.json"] = month["closings-2026-11-10.json"]
    page = month["leaves-2026-11-10-2.json"]
    month["leaves-b.json"] = {**page, "items": page["items"][:2], "next_cursor": "x"}
    page["items"] = page["items"][:1:-1]
    assert check(month)[0] == 0


def test_proof_needs_only_the_keys(month: Files, check: Check) -> None:
    code, lines = check(only(month, "proof"), "--merchant", "padaria")
    assert (code, len(lines)) == (0, 2)
    assert lines[0].startswith("valid  proof of entry ")
    code, lines = check(only(month, "proof"), "--merchant", "rival")
    assert (code, lines[-1]) == (1, "INVALID: 1 error.")


def test_missing_files_are_noted(month: Files, check: Check) -> None:
    code, lines = check(only(month, "closings-2026-12"))
    assert (code, [line for line in lines if line.startswith("note")]) == (
        0,
        [
            "note   closings before sequence 32 were not given",
            "note   3 of 3 closings have no valid leaves: entries not checked",
            "note   no --head was given: missing closings at the end cannot be detected",
            "note   day 2026-12-02, version 1, sequence 32: its unsealed opening needs the leaves"
            " of later closings",
        ],
    )


def test_unnamed_changes_need_the_leaves_of_two_versions() -> None:
    names: verify.Item = {"merchant": "padaria", "changes": None, "balances": []}
    unnamed: verify.Item = {"added": None, "added_count": 1001, "effect": []}
    first = names | {"day": "2026-11-01", "version": 1, "sequence": 1}
    early = names | {"day": "2026-11-02", "version": 1, "sequence": 2}
    early["balances"] = [{"unsealed": "1.00"}]
    restated = names | {"day": "2026-11-01", "version": 2, "sequence": 3, "changes": unnamed}
    chain = [first, early, restated]
    known: verify.Leaves = {("padaria", "2026-11-01", "2"): []}
    note = "day 2026-11-02, version 1, sequence 2: its unsealed opening needs the leaves of later"
    assert any(line.startswith(note) for line in verify.unchecked(chain, known, []))
    known["padaria", "2026-11-01", "1"] = []
    assert not any(line.startswith(note) for line in verify.unchecked(chain, known, []))


def test_gaps_before_first_required_sequence_are_valid(month: Files, check: Check) -> None:
    files = only(month, "closings-2026-12", "closings-2026-11-10")
    since: list[list[str]] = [[], ["--since", "32"], ["--since", "31"]]
    assert [check(files, *arguments)[0] for arguments in since] == [1, 0, 1]


def test_part_of_a_chain_may_restate_older_days(month: Files, check: Check) -> None:
    days = (f"closings-2026-11-{day}" for day in range(20, 31))
    files = only(month, *days)
    late = month["closings-2026-11-10.json"]["items"]
    for given in (late[:1], late):
        files["closings-late.json"] = {"items": given}
        assert check(files, "--since", "20")[0] == 0
    assert check(files, "--since", "1")[0] == 1


def test_openings_are_checked_in_partial_chains(month: Files, check: Check) -> None:
    files = only(month, "closings-2026-11-1", "closings-2026-11-2", "closings-2026-11-3")
    code, lines = check(files, "--since", "12")
    assert code == 0
    assert any(line.startswith("valid  the opening balances") for line in lines)


def test_head_and_closing_have_either_form(month: Files, check: Check, tmp_path: Path) -> None:
    listed = {"items": [month["head.json"]]}
    assert check({**month, "head.json": listed})[0] == 0
    assert check(only(month, "head"), "--closings", str(tmp_path / "head.json"))[0] == 0
    statement = statement_of(month["head.json"])
    event = statement | {"entries": 1, "repairs": 0}
    for head in (statement, event):
        assert check({**month, "head.json": head})[0] == 0


def test_earlier_head_is_part_of_the_chain(month: Files, check: Check) -> None:
    month["head.json"] = statement_of(month["closings-2026-11-05.json"]["items"][0])
    assert check(month)[0] == 0
    code, lines = check(only(month, "head", "closings-2026-12"))
    assert code == 0
    assert any("the closings begin after the heads [5]" in line for line in lines)


def test_leaves_may_be_named_by_their_root(month: Files, check: Check) -> None:
    for name in (name for name in month if name.startswith("leaves")):
        page, (day, version) = month[name], name[7:].removesuffix(".json").rsplit("-", 1)
        items = month[f"closings-{day}.json"]["items"]
        sealed = next(item for item in items if item["version"] == int(version))
        month[name] = {"entries_root": sealed["entries_root"], "items": page["items"]}
        month[name] |= {"merchant": "padaria", "day": day}
    code, lines = check(month)
    notes = [line for line in lines if line.startswith("note")]
    assert (code, notes) == (0, [f"note   88 leaves {NO_TEXT}"])
    assert "valid  leaves of day 2026-11-10 version 2" in lines


def test_texts_are_compared_with_their_digests(check: Check) -> None:
    book = Book("padaria")
    digest = "kqMm0UYFYUsV0vEzz2DIFw_ULrIurbTUCNkbnjsbOdY"
    for amount in (1, 2):
        entry = book.record(FIRST, "credit", amount)
        book.entries[-1] = entry._replace(text_digest=digest)
    book.close(FIRST)
    files = saved_files(book)
    first, second = files[f"leaves-{FIRST}-1.json"]["items"]
    text: verify.Item = {"salt": "sal", "description": "Pão 🥖", "metadata": {"b": '"ç"', "a": "1"}}
    first["text"], second["text"] = dict(text), None
    code, lines = check(files)
    assert (code, lines[2]) == (0, f"valid  texts of day {FIRST} version 1, 1 of 1 match")
    assert lines[-2] == f"note   1 leaves {NO_TEXT}"
    second["text"] = text
    for change in ({"salt": "x"}, {"description": None}, {"metadata": {"a": "2"}}, {"note": "x"}):
        first["text"] = text | change
        code, lines = check(files)
        assert (code, lines[-1]) == (1, "INVALID: 1 error.")
        assert lines[2].startswith(f"FAILS  texts of day {FIRST} version 1, 1 of 2 match: ")
    first["text"] = {"salt": 1}
    assert check(files)[0] == 1


def test_time_zone_decides_when_a_day_is_over(month: Files, check: Check) -> None:
    book = Book("padaria")
    book.record(FIRST, "credit", 100)
    book.close(FIRST)
    files = saved_files(book)
    item = files["head.json"] = files[f"closings-{FIRST}.json"]["items"][0]
    item["closed_at"] = "2026-11-02T02:59:59.000Z"  # two hours before midnight, in São Paulo
    item.update(reseal(item, files[f"leaves-{FIRST}-1.json"]["items"]))
    zones: list[list[str]] = [[], ["--time-zone", "UTC"], ["--time-zone", "America/Sao_Paulo"]]
    assert [check(files, *zone)[0] for zone in zones] == [0, 0, 1]


@pytest.mark.usefixtures("deep_recursion")
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
        ("closings-x.json", '{"items": [{}], "note": "x"}'),
        ("head.json", '{"items": [{}, {}]}'),
        ("leaves-x.json", '{"items": []}'),
        ("leaves-x.json", '{"merchant": "a", "day": "b", "version": 1, "items": {}}'),
        ("leaves-x.json", '{"merchant": "a", "day": "b", "version": 1, "items": [], "note": 1}'),
        ("proof.json", '"\ud800"'),
        ("keys.json", '{"keys": {"a": "no PEM"}}'),
        ("keys.json", json.dumps({"keys": {KEY_ID: pem(ec.generate_private_key(ec.SECP384R1()))}})),
        ("keys.json", '{"keys": []}'),
        ("keys.json", "{}"),
    ],
)
def test_unreadable_file_is_named(
    name: str, text: str, month: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write({**only(month, "closings-2026-12-01"), name: {}}, tmp_path)
    (tmp_path / name).write_text(text, errors="surrogatepass")
    assert verify.main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"cannot read {tmp_path}/{name}: ")


def test_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert verify.main(["--keys", str(tmp_path / "none.json"), "--head", "none.json"]) == 2


@pytest.mark.parametrize("name", ["Foo/Bar", "../UTC", ""])
def test_unknown_time_zone_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        verify.main(["--keys", "keys.json", "--closings", "day.json", "--time-zone", name])
    assert stopped.value.code == 2
    assert f"{name!r} is not a time zone known here" in capsys.readouterr().err


def test_nothing_to_check_is_an_error() -> None:
    with pytest.raises(SystemExit) as stopped:
        verify.main(["--keys", "keys.json"])
    assert stopped.value.code == 2


def test_only_checking_needs_a_package(month: Files, tmp_path: Path) -> None:
    usage = run([str(CHECKER), "--help"], "-I", "-S")
    assert usage.returncode == 0
    assert "Exit code: 0 everything is valid, 1 something is not" in usage.stdout
    done = run([str(CHECKER), *write(month, tmp_path)], "-I", "-S")
    assert done.returncode == 3
    assert "pip install cryptography" in done.stderr


def test_terminal_control_characters_are_replaced(month: Files, check: Check) -> None:
    month["head.json"]["day"] = "\x1b[2J\x1b[Hvalid\n"
    code, lines = check(month)
    assert code == 1
    assert "\x1b" not in "".join(lines)
