"""Everything that somebody without the key can do to saved files is detected."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import verify
from tests.verify.book import KEY_ID, Book, Files, pem, private_key, reseal, saved_files, write
from tests.verify.month import FIRST, honest_month

HONEST = honest_month()
FIFTH, SIXTH = "leaves-2026-11-05-1.json", "leaves-2026-11-06-1.json"
Tampering = Callable[[Files], Any]


def closing(files: Files, day: str = "2026-11-05") -> Any:
    return files[f"closings-{day}.json"]["items"][0]


def rival_answers() -> Files:
    rival = Book("rival")
    rival.record(FIRST, "credit", 1)
    rival.close(FIRST)
    return saved_files(rival)


def change_amount(files: Files) -> None:
    files[FIFTH]["items"][0]["amount"] = "9999.99"


def change_a_time(files: Files) -> None:
    files[FIFTH]["items"][1]["occurred_at"] = "2026-11-05T12:00:01-03:00"


def move_to_another_account(files: Files) -> None:
    files[FIFTH]["items"][0]["account"] = "bank"


def move_to_another_day(files: Files) -> None:
    leaf = files[FIFTH]["items"].pop()
    files[SIXTH]["items"].append({**leaf, "day": "2026-11-06"})


def add_an_entry(files: Files) -> None:
    leaf = files[FIFTH]["items"][0]
    files[FIFTH]["items"].append({**leaf, "entry": "a" * 32})


def swap_the_leaves_of_two_days(files: Files) -> None:
    files[FIFTH]["items"], files[SIXTH]["items"] = (
        files[SIXTH]["items"],
        files[FIFTH]["items"],
    )


def remove_a_field_of_an_entry(files: Files) -> None:
    del files[FIFTH]["items"][0]["account"]


def add_a_field_to_an_entry(files: Files) -> None:
    files[FIFTH]["items"][0]["note"] = "x"


def remove_a_version(files: Files) -> None:
    files["closings-2026-11-10.json"]["items"].pop(0)


def cut_the_tail_off(files: Files) -> None:
    del files["closings-2026-12-03.json"], files["leaves-2026-12-03-1.json"]


def drop_a_signature(files: Files) -> None:
    del closing(files)["signature"]


def mix_in_a_rivals_closing(files: Files) -> None:
    files["closings-rival.json"] = rival_answers()[f"closings-{FIRST}.json"]


def relabel_a_rivals_closing(files: Files) -> None:
    foreign = rival_answers()[f"closings-{FIRST}.json"]["items"][0]
    files[f"closings-{FIRST}.json"]["items"] = [{**foreign, "merchant": "padaria"}]


def sign_with_another_key(files: Files) -> None:
    leaves = files[FIFTH]["items"]
    leaves[0]["amount"] = "1.00"
    files["closings-2026-11-05.json"]["items"] = [reseal(closing(files), leaves, number=7)]


def sign_with_an_unknown_key(files: Files) -> None:
    forged = reseal(closing(files), files[FIFTH]["items"], number=7)
    files["closings-2026-11-05.json"]["items"] = [{**forged, "key_id": "mine"}]


def prove_another_entry(files: Files) -> None:
    files["proof.json"]["entry"] = files["leaves-2026-11-10-1.json"]["items"][0]["entry"]


def prove_another_amount(files: Files) -> None:
    files["proof.json"]["leaf"]["amount"] = "999.99"


def bend_a_path(files: Files) -> None:
    files["proof.json"]["path"][1]["side"] = "right"


def shorten_a_path(files: Files) -> None:
    files["proof.json"]["path"].pop()


def prove_for_another_merchant(files: Files) -> None:
    files["proof.json"]["merchant"] = "rival"


def prove_from_an_older_version(files: Files) -> None:
    files["proof.json"]["version"] = 1


def change_the_head(files: Files) -> None:
    files["head.json"]["sequence"] = 99


TAMPERINGS: list[tuple[Tampering, str]] = [
    (change_amount, "main BRL: they do not add up to its credits, debits and entries"),
    (change_amount, "the leaves do not hash to entries_root"),
    (change_a_time, "leaves of day 2026-11-05 version 1: the leaves do not hash to entries"),
    (move_to_another_account, "bank BRL: they do not add up to its credits, debits and entries"),
    (move_to_another_day, "there are 1 of 2 leaves"),
    (
        move_to_another_day,
        "day 2026-11-06 version 1: the leaves do not hash to entries_root",
    ),
    (lambda a: a[FIFTH]["items"].pop(), "there are 1 of 2 leaves"),
    (add_an_entry, "there are 3 of 2 leaves"),
    (lambda a: a[FIFTH]["items"].append(a[FIFTH]["items"][0]), "occurs 2 times"),
    (swap_the_leaves_of_two_days, "has day 2026-11-06"),
    (remove_a_field_of_an_entry, "it does not have the documented form (KeyError('account'))"),
    (add_a_field_to_an_entry, "the leaves do not hash to entries_root"),
    (lambda a: a[FIFTH].update(version=9), "no valid closing of merchant padaria"),
    (lambda a: closing(a)["balances"][0].update(closing="1.00"), "it does not hash to its root"),
    (lambda a: closing(a)["balances"][0].update(closing="1.00"), "is not opening + credits"),
    (lambda a: closing(a).update(closed_at="2026-01-01T00:00:00.000Z"), "does not hash to its roo"),
    (lambda a: closing(a).update(repairs=3), "does not hash to its root: a field was changed"),
    (lambda a: closing(a).update(note="x"), "does not hash to its root: a field was changed"),
    (lambda a: closing(a).update(previous_root="0" * 64), "it does not hash to its root"),
    (lambda a: closing(a).update(entries_root="0" * 64), "it does not hash to its root"),
    (lambda a: closing(a).update(day="2026-11-04"), "its signature does not match"),
    (lambda a: closing(a, "2026-11-10")["changes"]["added"].pop(), "it does not hash to its root"),
    (lambda a: a.pop("closings-2026-11-05.json"), "sequence 5 to 5 is missing or invalid"),
    (remove_a_version, "the chain of closings: sequence 21 to 21 is missing or invalid"),
    (lambda a: a["closings-2026-11-10.json"]["items"].pop(), "must have versions from 1 on"),
    (cut_the_tail_off, "the closings end with sequence 33; 34 to 34 are missing"),
    (drop_a_signature, "it does not have the documented form (KeyError('signature'))"),
    (lambda a: closing(a).update(signature="AAAA"), "its signature does not match"),
    (lambda a: closing(a).update(signature="ã"), "it does not have the documented form"),
    (mix_in_a_rivals_closing, "its merchant is rival, not padaria"),
    (relabel_a_rivals_closing, "its signature does not match"),
    (sign_with_another_key, "its signature does not match"),
    (sign_with_an_unknown_key, "its key mine is not in --keys"),
    (prove_another_entry, "its leaf is entry"),
    (prove_another_amount, "its leaf and path do not lead to its root"),
    (bend_a_path, "its leaf and path do not lead to its root"),
    (shorten_a_path, "its leaf and path do not lead to its root"),
    (prove_for_another_merchant, "its merchant is rival, not padaria"),
    (prove_from_an_older_version, "the closing of that version has another root"),
    (change_the_head, "head, day 2026-12-03, version 1, sequence 99: its signature does not match"),
]


@pytest.mark.parametrize(("tamper", "message"), TAMPERINGS)
def test_tampering_is_detected(
    tamper: Tampering, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = copy.deepcopy(HONEST)
    tamper(files)
    assert verify.main(write(files, tmp_path)) == 1
    failures = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILS")]
    assert any(message in line for line in failures), failures


def test_exchanged_key_is_detected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = copy.deepcopy(HONEST)
    files["keys.json"]["keys"][KEY_ID] = pem(private_key(7))
    assert verify.main(write(files, tmp_path)) == 1
    assert capsys.readouterr().out.count("its signature does not match") == 36
