"""Wrong files are detected: changed by somebody without the key, or sealed by its holder."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.verify.book import (
    KEY_ID,
    Book,
    Files,
    pem,
    private_key,
    reseal,
    saved_files,
    statement_of,
)
from tests.verify.month import FIRST, honest_month

Version = tuple[str, int]
FIFTH, SIXTH = ("2026-11-05", 1), ("2026-11-06", 1)
LATE, EARLY, LAST = ("2026-11-10", 2), ("2026-12-02", 1), ("2026-12-03", 1)
LEAF = ("leaves-2026-11-05-1.json", "items", 0)
CLOSING = ("closings-2026-11-05.json", "items", 0)
LATE_DAY, PROOF = "closings-2026-11-10.json", "proof.json"
Failures = Callable[[Files], list[str]]
Tampering = Callable[[Files], Any]
Change = Callable[[Any, Any], Any]
"""Changes a closing and its leaves."""


def closing(files: Files, at: Version = FIFTH) -> Any:
    items = files[f"closings-{at[0]}.json"]["items"]
    return next(item for item in items if item["version"] == at[1])


def leaves(files: Files, at: Version = FIFTH) -> Any:
    return files[f"leaves-{at[0]}-{at[1]}.json"]["items"]


def put(value: Any, *place: str | int) -> Tampering:
    """Return a tampering that replaces, or adds, the value at a place."""

    def tamper(files: Files) -> None:
        parent: Any = files
        for part in place[:-1]:
            parent = parent[part]
        parent[place[-1]] = value

    return tamper


def rival_closings() -> Any:
    rival = Book("rival")
    rival.record(FIRST, "credit", 1)
    rival.close(FIRST)
    return saved_files(rival)[f"closings-{FIRST}.json"]


def move_to_another_day(files: Files) -> None:
    leaves(files, SIXTH).append({**leaves(files).pop(), "day": "2026-11-06"})


def add_a_leaf(files: Files, entry_id: str) -> None:
    leaves(files).append({**leaves(files)[0], "entry": entry_id})


def swap_the_leaves_of_two_days(files: Files) -> None:
    leaves(files)[:], leaves(files, SIXTH)[:] = leaves(files, SIXTH)[:], leaves(files)[:]


def sign_with_another_key(files: Files, key_id: str = KEY_ID) -> None:
    leaves(files)[0]["amount"] = "1.00"
    forged = reseal(closing(files), leaves(files), number=7)
    closing(files).update(forged, key_id=key_id)


NOT_THE_ROOT = "it does not hash to its root: a field was changed"
NOT_THE_LEAVES = "the leaves do not hash to entries_root"
NOT_THE_SUMS = "BRL: the leaves do not add up to credits, debits and entries"
NOT_THE_PATH = "its leaf and path do not lead to its root"
BAD_SIGNATURE = "its signature does not match"
MALFORMED = "it does not have the documented form"
HEAD = statement_of(honest_month()["head.json"])
RELABELLED = {**rival_closings()["items"][0], "merchant": "padaria"}

TAMPERINGS: list[tuple[Tampering, str, str]] = [
    (put("9999.99", *LEAF, "amount"), f"main {NOT_THE_SUMS}", NOT_THE_LEAVES),
    (put("bank", *LEAF, "account"), f"bank {NOT_THE_SUMS}", NOT_THE_LEAVES),
    (put("x", *LEAF, "note"), f"11-05 version 1: {NOT_THE_LEAVES}", ""),
    (move_to_another_day, "there are 1 of 2 leaves", f"11-06 version 1: {NOT_THE_LEAVES}"),
    (lambda files: add_a_leaf(files, "a" * 32), "there are 3 of 2 leaves", ""),
    (lambda files: add_a_leaf(files, leaves(files)[0]["entry"]), "occurs 2 times", ""),
    (swap_the_leaves_of_two_days, "has day 2026-11-06", ""),
    (lambda files: leaves(files)[0].pop("account"), MALFORMED, "(KeyError('account'))"),
    (put(9, LEAF[0], "version"), "no valid closing of merchant padaria", ""),
    (put("1.00", *CLOSING, "balances", 0, "closing"), NOT_THE_ROOT, "is not opening + credits"),
    (put("x", *CLOSING, "note"), NOT_THE_ROOT, ""),
    (put([], LATE_DAY, "items", 0, "changes", "added"), NOT_THE_ROOT, ""),
    (put("2026-11-04", *CLOSING, "day"), BAD_SIGNATURE, ""),
    (put("AAAA", *CLOSING, "signature"), BAD_SIGNATURE, ""),
    (put("ã", *CLOSING, "signature"), MALFORMED, ""),
    (
        lambda files: closing(files).update(signature=f"!{closing(files)['signature']}"),
        MALFORMED,
        "",
    ),
    (lambda files: files.pop(CLOSING[0]), "", "sequence 5 to 5 is missing or invalid"),
    (lambda files: files[LATE_DAY]["items"].pop(0), "chain of closings: sequence 21 to 21 is", ""),
    (lambda files: files[LATE_DAY]["items"].pop(), "must have versions from 1 on", ""),
    (
        lambda files: files.pop("closings-2026-12-03.json"),
        "the closings end with sequence 33; 34 to 34 are missing",
        "no valid closing of merchant padaria",
    ),
    (put(rival_closings(), "closings-rival.json"), "its merchant is rival, not padaria", ""),
    (put([RELABELLED], f"closings-{FIRST}.json", "items"), BAD_SIGNATURE, ""),
    (sign_with_another_key, BAD_SIGNATURE, ""),
    (lambda files: sign_with_another_key(files, "mine"), "its key mine is not in --keys", ""),
    (put("a" * 32, PROOF, "entry"), "its leaf is entry", ""),
    (put("999.99", PROOF, "leaf", "amount"), NOT_THE_PATH, ""),
    (put("right", PROOF, "path", 1, "side"), NOT_THE_PATH, ""),
    (put("rival", PROOF, "merchant"), "its merchant is rival, not padaria", ""),
    (put(1, PROOF, "version"), "the closing of that version has another root", ""),
    (put("x", PROOF, "note"), "it does not prove its fields ['note']", ""),
    (put(99, "head.json", "sequence"), "head, day 2026-12-03", BAD_SIGNATURE),
    (put(HEAD | {"note": "x"}, "head.json"), "nothing proves its note", ""),
    (put(HEAD | {"entries": 2}, "head.json"), "nothing proves its entries", ""),
    (put(HEAD | {"public_key": pem(private_key(7))}, "head.json"), "its public_key is not the", ""),
    (put(HEAD | {"sequence": 33}, "head.json"), "head, day 2026-12-03", BAD_SIGNATURE),
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


def reseal_from(files: Files, at: Version, change: Change) -> None:
    """Change a closing and its leaves; seal it and all later closings again."""
    items = [i for name in files if name.startswith("closings") for i in files[name]["items"]]
    items.sort(key=lambda item: int(item["sequence"]))
    held = [leaves(files, (item["day"], item["version"])) for item in items]
    start = closing(files, at)["sequence"] - 1
    change(items[start], held[start])
    for index, item in enumerate(items[start:], start):
        if index > start:
            item["previous_root"] = items[index - 1]["root"]
        item.update(reseal(item, held[index]))
    files["head.json"] = items[-1]


def last_line(**amounts: str) -> Change:
    """Return a change of the line of account main in BRL."""
    return lambda item, _: item["balances"][-1].update(amounts)


def more_unsealed(more: str) -> Change:
    """Return a change of the opening of account main in BRL, and of its unsealed part."""

    def change(item: Any, _leaves: Any) -> None:
        line = item["balances"][-1]
        for name in ("opening", "unsealed", "closing"):
            line[name] = f"{Decimal(line[name]) + Decimal(more)}"

    return change


def sealed_before(leaves: Any) -> Any:
    return next(leaf for leaf in leaves if leaf["amount"] == "20.00")


SEALED_WRONGLY: list[tuple[Version, Change, str]] = [
    (LAST, last_line(opening="0.00", closing="-1.00"), "main BRL opening is -"),
    (LAST, lambda item, _: item.update(balances=item["balances"][-1:]), "bank USD opening is -"),
    (LAST, last_line(unsealed="1.00"), "opening is -1.00"),
    (LAST, last_line(credits="10.00", debits="11.00"), f"main {NOT_THE_SUMS}"),
    (LAST, last_line(closing="1.00"), "is not opening + credits"),
    (LAST, lambda item, _: item["balances"].append(item["balances"][0]), "occurs twice"),
    (LAST, lambda item, _: item.update(entries=7), "its balances do not add up to its number"),
    (LAST, lambda item, _: item.update(previous_root="0" * 64), "does not name the root of seq"),
    (LAST, lambda item, _: item.update(previous_root=None), "must have a previous_root from"),
    (LAST, lambda item, _: item.update(sequence=33), "sequence 33 occurs twice"),
    (LAST, lambda item, _: item.update(version=2), "must have changes from version 2 on"),
    (LAST, lambda item, _: item.update(format=2), "its format is not 1"),
    (LAST, lambda item, _: item.update(closed_at="2026-12-03T09:59:59.999Z"), "day was over"),
    (LAST, lambda item, _: item.update(closed_at="2026-12-30T00:00:00.000Z"), "before sequence 33"),
    (LAST, more_unsealed("1000000.00"), "unsealed is 1000000.00 off what was sealed later"),
    (EARLY, more_unsealed("-10.00"), "unsealed is -10.00 off what was sealed later"),
    (LAST, last_line(credits="-1.00", debits="0.00"), "its credits -1.00 is not an amount"),
    (LAST, last_line(closing="-0.00"), "its closing -0.00 is not an amount"),
    (LAST, last_line(opening="01.00"), "its opening 01.00 is not an amount"),
    (LAST, lambda _, leaves: leaves[0].update(amount="-1.00"), "-1.00, which is not an amount"),
    (LAST, lambda _, leaves: leaves[0].update(amount="0.00"), "0.00, which is not an amount"),
    (LAST, lambda _, leaves: leaves[0].update(amount="1.000000"), "which is not an amount"),
    (
        LAST,
        lambda _, leaves: leaves[0].update(amount="1.000"),
        "BRL has amounts with [2, 3]",
    ),
    (
        LAST,
        lambda _, leaves: leaves[0].update(recorded_at="2026-12-31T03:10:39.000Z"),
        "was recorded after the day was closed",
    ),
    (
        LATE,
        lambda _, leaves: [leaf.update(reverses="a" * 32) for leaf in leaves[:2]],
        f"entry {'a' * 32} is reversed twice",
    ),
    (
        LATE,
        lambda _, leaves: leaves[0].update(reverses=leaves[1]["entry"]),
        "does not undo entry",
    ),
    (LATE, lambda item, _: item.update(version=3), "must have versions from 1 on, in sequence"),
    (LATE, lambda item, _: item["changes"]["effect"].pop(), "its effect is not the difference"),
    (LATE, lambda item, _: item["changes"]["added"].pop(), "its number of added entries is not"),
    (LATE, lambda item, _: item["changes"]["added"].reverse(), "added entries are not the leaves"),
    (
        LATE,
        lambda item, _: item["changes"].update(added=None, added_count=3),
        "its number of added entries is not",
    ),
    (LATE, lambda _, leaves: leaves.remove(sealed_before(leaves)), "there are 4 of 5 leaves"),
    (
        LATE,
        lambda _, leaves: sealed_before(leaves).update(recorded_at="2026-11-11T00:00:00.000Z"),
        "was changed or removed since version 1",
    ),
]


@pytest.mark.parametrize(("at", "change", "message"), SEALED_WRONGLY)
def test_wrong_seal_is_detected(
    month: Files, failures: Failures, at: Version, change: Change, message: str
) -> None:
    reseal_from(month, at, change)
    lines = failures(month)
    assert any(message in line for line in lines), lines
    assert not any("signature" in line or "hash to" in line for line in lines), lines


def test_entry_on_two_days_is_detected(month: Files, failures: Failures) -> None:
    twin = sealed_before(leaves(month, LATE))["entry"]
    reseal_from(month, LAST, lambda _, leaves: leaves[0].update(entry=twin))
    (line,) = [line for line in failures(month) if "is on two days" in line]
    assert line.endswith("is on two days: 2026-11-10 and 2026-12-03")


def test_replaced_chain_differs_from_the_head(month: Files, failures: Failures) -> None:
    head = copy.deepcopy(closing(month, ("2026-11-20", 1)))
    reseal_from(month, ("2026-11-05", 1), lambda item, _: item.update(repairs=1))
    month["head.json"] = head
    del month["proof.json"]
    assert any("the chain was replaced" in line for line in failures(month))
