"""Everything that somebody without the key can do to saved files is detected."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.verify.book import KEY_ID, Book, Files, pem, private_key, reseal, saved_files
from tests.verify.month import FIRST

FIFTH, SIXTH = "leaves-2026-11-05-1.json", "leaves-2026-11-06-1.json"
CLOSING: tuple[str | int, ...] = ("closings-2026-11-05.json", "items", 0)
PROOF = "proof.json"
Tampering = Callable[[Files], Any]
Failures = Callable[[Files], list[str]]


def put(value: Any, *place: str | int) -> Tampering:
    """Return a tampering that replaces, or adds, the value at a place."""

    def tamper(files: Files) -> None:
        parent: Any = files
        for part in place[:-1]:
            parent = parent[part]
        parent[place[-1]] = value

    return tamper


def leaves(files: Files, name: str = FIFTH) -> Any:
    return files[name]["items"]


def closing(files: Files) -> Any:
    return files["closings-2026-11-05.json"]["items"][0]


def rival_closings() -> Any:
    rival = Book("rival")
    rival.record(FIRST, "credit", 1)
    rival.close(FIRST)
    return saved_files(rival)[f"closings-{FIRST}.json"]


def move_to_another_day(files: Files) -> None:
    leaf = leaves(files).pop()
    leaves(files, SIXTH).append({**leaf, "day": "2026-11-06"})


def add_a_leaf(files: Files, entry_id: str) -> None:
    leaves(files).append({**leaves(files)[0], "entry": entry_id})


def swap_the_leaves_of_two_days(files: Files) -> None:
    files[FIFTH]["items"], files[SIXTH]["items"] = leaves(files, SIXTH), leaves(files)


def sign_with_another_key(files: Files) -> None:
    leaves(files)[0]["amount"] = "1.00"
    closing(files).update(reseal(closing(files), leaves(files), number=7))


def sign_with_an_unknown_key(files: Files) -> None:
    forged = reseal(closing(files), leaves(files), number=7)
    closing(files).update(forged, key_id="mine")


NOT_THE_ROOT = "it does not hash to its root: a field was changed"
NOT_THE_LEAVES = "the leaves do not hash to entries_root"
NOT_THE_SUMS = "BRL: they do not add up to its credits, debits and entries"
NOT_THE_PATH = "its leaf and path do not lead to its root"
BAD_SIGNATURE = "its signature does not match"
MALFORMED = "it does not have the documented form"
LATE_DAY = "closings-2026-11-10.json"
TAIL = ("closings-2026-12-03.json", "leaves-2026-12-03-1.json")
RELABELLED = {**rival_closings()["items"][0], "merchant": "padaria"}

TAMPERINGS: list[tuple[Tampering, str, str]] = [
    (put("9999.99", FIFTH, "items", 0, "amount"), f"main {NOT_THE_SUMS}", NOT_THE_LEAVES),
    (put("bank", FIFTH, "items", 0, "account"), f"bank {NOT_THE_SUMS}", NOT_THE_LEAVES),
    (put("x", FIFTH, "items", 1, "occurred_at"), f"11-05 version 1: {NOT_THE_LEAVES}", ""),
    (put("x", FIFTH, "items", 0, "note"), NOT_THE_LEAVES, ""),
    (move_to_another_day, "there are 1 of 2 leaves", f"11-06 version 1: {NOT_THE_LEAVES}"),
    (lambda files: leaves(files).pop(), "there are 1 of 2 leaves", ""),
    (lambda files: add_a_leaf(files, "a" * 32), "there are 3 of 2 leaves", ""),
    (lambda files: add_a_leaf(files, leaves(files)[0]["entry"]), "occurs 2 times", ""),
    (swap_the_leaves_of_two_days, "has day 2026-11-06", ""),
    (lambda files: leaves(files)[0].pop("account"), MALFORMED, "(KeyError('account'))"),
    (put(9, FIFTH, "version"), "no valid closing of merchant padaria", ""),
    (put("1.00", *CLOSING, "balances", 0, "closing"), NOT_THE_ROOT, "is not opening + credits"),
    (put("2026-01-01T00:00:00.000Z", *CLOSING, "closed_at"), NOT_THE_ROOT, ""),
    (put(3, *CLOSING, "repairs"), NOT_THE_ROOT, ""),
    (put("x", *CLOSING, "note"), NOT_THE_ROOT, ""),
    (put("0" * 64, *CLOSING, "previous_root"), NOT_THE_ROOT, ""),
    (put("0" * 64, *CLOSING, "entries_root"), NOT_THE_ROOT, ""),
    (put([], LATE_DAY, "items", 0, "changes", "added"), NOT_THE_ROOT, ""),
    (put("2026-11-04", *CLOSING, "day"), BAD_SIGNATURE, ""),
    (put("AAAA", *CLOSING, "signature"), BAD_SIGNATURE, ""),
    (put("ã", *CLOSING, "signature"), MALFORMED, ""),
    (lambda files: closing(files).pop("signature"), MALFORMED, "(KeyError('signature'))"),
    (lambda files: files.pop(str(CLOSING[0])), "", "sequence 5 to 5 is missing or invalid"),
    (lambda files: files[LATE_DAY]["items"].pop(0), "chain of closings: sequence 21 to 21 is", ""),
    (lambda files: files[LATE_DAY]["items"].pop(), "must have versions from 1 on", ""),
    (
        lambda files: [files.pop(name) for name in TAIL],
        "the closings end with sequence 33; 34 to 34 are missing",
        "",
    ),
    (put(rival_closings(), "closings-rival.json"), "its merchant is rival, not padaria", ""),
    (put([RELABELLED], f"closings-{FIRST}.json", "items"), BAD_SIGNATURE, ""),
    (sign_with_another_key, BAD_SIGNATURE, ""),
    (sign_with_an_unknown_key, "its key mine is not in --keys", ""),
    (put("a" * 32, PROOF, "entry"), "its leaf is entry", ""),
    (put("999.99", PROOF, "leaf", "amount"), NOT_THE_PATH, ""),
    (put("right", PROOF, "path", 1, "side"), NOT_THE_PATH, ""),
    (lambda files: files[PROOF]["path"].pop(), NOT_THE_PATH, ""),
    (put("rival", PROOF, "merchant"), "its merchant is rival, not padaria", ""),
    (put(1, PROOF, "version"), "the closing of that version has another root", ""),
    (put(99, "head.json", "sequence"), "head, day 2026-12-03", BAD_SIGNATURE),
]


@pytest.mark.parametrize(("tamper", "message", "detail"), TAMPERINGS)
def test_tampering_is_detected(
    month: Files, failures: Failures, tamper: Tampering, message: str, detail: str
) -> None:
    tamper(month)
    lines = failures(month)
    assert any(message in line for line in lines), lines
    assert any(detail in line for line in lines), lines


def test_exchanged_key_is_detected(month: Files, failures: Failures) -> None:
    month["keys.json"]["keys"][KEY_ID] = pem(private_key(7))
    assert sum("its signature does not match" in line for line in failures(month)) == 36
