"""What somebody without the key can do to saved answers, each told by the checker."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import verify
from tests.verify.book import KEY_ID, Answers, Book, pem, private_key, reseal, saved_answers, write
from tests.verify.month import FIRST, honest_month

HONEST = honest_month()
FIFTH, SIXTH = "leaves-2026-11-05-1.json", "leaves-2026-11-06-1.json"
Tampering = Callable[[Answers], Any]


def closing(answers: Answers, day: str = "2026-11-05") -> Any:
    return answers[f"closings-{day}.json"]["items"][0]


def rival_answers() -> Answers:
    rival = Book("rival")
    rival.record(FIRST, "credit", 1)
    rival.close(FIRST)
    return saved_answers(rival)


def change_amount(answers: Answers) -> None:
    answers[FIFTH]["items"][0]["amount"] = "9999.99"


def change_a_moment(answers: Answers) -> None:
    answers[FIFTH]["items"][1]["occurred_at"] = "2026-11-05T12:00:01-03:00"


def move_to_another_account(answers: Answers) -> None:
    answers[FIFTH]["items"][0]["account"] = "bank"


def move_to_another_day(answers: Answers) -> None:
    leaf = answers[FIFTH]["items"].pop()
    answers[SIXTH]["items"].append({**leaf, "day": "2026-11-06"})


def add_an_entry(answers: Answers) -> None:
    leaf = answers[FIFTH]["items"][0]
    answers[FIFTH]["items"].append({**leaf, "entry": "a" * 32})


def swap_the_leaves_of_two_days(answers: Answers) -> None:
    answers[FIFTH]["items"], answers[SIXTH]["items"] = (
        answers[SIXTH]["items"],
        answers[FIFTH]["items"],
    )


def hide_a_field_of_an_entry(answers: Answers) -> None:
    del answers[FIFTH]["items"][0]["account"]


def add_a_field_to_an_entry(answers: Answers) -> None:
    answers[FIFTH]["items"][0]["note"] = "x"


def hide_a_version(answers: Answers) -> None:
    answers["closings-2026-11-10.json"]["items"].pop(0)


def cut_the_tail_off(answers: Answers) -> None:
    del answers["closings-2026-12-03.json"], answers["leaves-2026-12-03-1.json"]


def drop_a_signature(answers: Answers) -> None:
    del closing(answers)["signature"]


def mix_in_a_rivals_closing(answers: Answers) -> None:
    answers["closings-rival.json"] = rival_answers()[f"closings-{FIRST}.json"]


def pass_a_rivals_closing_as_ones_own(answers: Answers) -> None:
    theirs = rival_answers()[f"closings-{FIRST}.json"]["items"][0]
    answers[f"closings-{FIRST}.json"]["items"] = [{**theirs, "merchant": "padaria"}]


def sign_with_another_key(answers: Answers) -> None:
    leaves = answers[FIFTH]["items"]
    leaves[0]["amount"] = "1.00"
    answers["closings-2026-11-05.json"]["items"] = [reseal(closing(answers), leaves, number=7)]


def sign_with_a_key_of_ones_own(answers: Answers) -> None:
    forged = reseal(closing(answers), answers[FIFTH]["items"], number=7)
    answers["closings-2026-11-05.json"]["items"] = [{**forged, "key_id": "mine"}]


def prove_another_entry(answers: Answers) -> None:
    answers["proof.json"]["entry"] = answers["leaves-2026-11-10-1.json"]["items"][0]["entry"]


def prove_another_amount(answers: Answers) -> None:
    answers["proof.json"]["leaf"]["amount"] = "999.99"


def bend_a_path(answers: Answers) -> None:
    answers["proof.json"]["path"][1]["side"] = "right"


def shorten_a_path(answers: Answers) -> None:
    answers["proof.json"]["path"].pop()


def prove_for_another_merchant(answers: Answers) -> None:
    answers["proof.json"]["merchant"] = "rival"


def prove_from_an_older_version(answers: Answers) -> None:
    answers["proof.json"]["version"] = 1


def change_the_head(answers: Answers) -> None:
    answers["head.json"]["sequence"] = 99


TAMPERINGS: list[tuple[Tampering, str]] = [
    (change_amount, "main BRL: they do not add up to its credits, debits and entries"),
    (change_amount, "they do not hash to entries_root"),
    (change_a_moment, "leaves of day 2026-11-05 version 1: they do not hash to entries"),
    (move_to_another_account, "bank BRL: they do not add up to its credits, debits and entries"),
    (move_to_another_day, "there are 1 of 2 leaves"),
    (move_to_another_day, "leaves of day 2026-11-06 version 1: they do not hash to entries_root"),
    (lambda a: a[FIFTH]["items"].pop(), "there are 1 of 2 leaves"),
    (add_an_entry, "there are 3 of 2 leaves"),
    (lambda a: a[FIFTH]["items"].append(a[FIFTH]["items"][0]), "is there 2 times"),
    (swap_the_leaves_of_two_days, "is of day 2026-11-06"),
    (hide_a_field_of_an_entry, "it is not in the form of the format (KeyError('account'))"),
    (add_a_field_to_an_entry, "they do not hash to entries_root"),
    (lambda a: a[FIFTH].update(version=9), "no closing of merchant padaria that they could be"),
    (lambda a: closing(a)["balances"][0].update(closing="1.00"), "it does not hash to its root"),
    (lambda a: closing(a)["balances"][0].update(closing="1.00"), "is not opening + credits"),
    (lambda a: closing(a).update(closed_at="2026-01-01T00:00:00.000Z"), "does not hash to its roo"),
    (lambda a: closing(a).update(repairs=3), "does not hash to its root: a field was changed"),
    (lambda a: closing(a).update(note="x"), "does not hash to its root: a field was changed"),
    (lambda a: closing(a).update(previous_root="0" * 64), "it does not hash to its root"),
    (lambda a: closing(a).update(entries_root="0" * 64), "it does not hash to its root"),
    (lambda a: closing(a).update(day="2026-11-04"), "its signature is not one of this merchant"),
    (lambda a: closing(a, "2026-11-10")["changes"]["added"].pop(), "it does not hash to its root"),
    (lambda a: a.pop("closings-2026-11-05.json"), "sequence 5 to 5 is missing or does not hold"),
    (hide_a_version, "the chain of closings: sequence 21 to 21 is missing or does not hold"),
    (lambda a: a["closings-2026-11-10.json"]["items"].pop(), "must have versions from 1 on"),
    (cut_the_tail_off, "the closings end with sequence 33; 34 to 34 are cut off"),
    (drop_a_signature, "it is not in the form of the format (KeyError('signature'))"),
    (lambda a: closing(a).update(signature="AAAA"), "its signature is not one of this merchant"),
    (lambda a: closing(a).update(signature="ã"), "it is not in the form of the format"),
    (mix_in_a_rivals_closing, "it is of merchant rival, not of padaria"),
    (pass_a_rivals_closing_as_ones_own, "its signature is not one of this merchant"),
    (sign_with_another_key, "its signature is not one of this merchant"),
    (sign_with_a_key_of_ones_own, "its key mine is not among the keys given"),
    (prove_another_entry, "its leaf is entry"),
    (prove_another_amount, "its leaf and path do not lead to its root"),
    (bend_a_path, "its leaf and path do not lead to its root"),
    (shorten_a_path, "its leaf and path do not lead to its root"),
    (prove_for_another_merchant, "it is of merchant rival, not of padaria"),
    (prove_from_an_older_version, "the closing of that version has another root"),
    (change_the_head, "head, day 2026-12-03, version 1, sequence 99: its signature is not one"),
]


@pytest.mark.parametrize(("tamper", "message"), TAMPERINGS)
def test_tampering_is_told(
    tamper: Tampering, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = copy.deepcopy(HONEST)
    tamper(answers)
    assert verify.main(write(answers, tmp_path)) == 1
    failures = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILS")]
    assert any(message in line for line in failures), failures


def test_a_key_that_was_exchanged_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = copy.deepcopy(HONEST)
    answers["keys.json"]["keys"][KEY_ID] = pem(private_key(7))
    assert verify.main(write(answers, tmp_path)) == 1
    assert capsys.readouterr().out.count("its signature is not one of this merchant") == 36
