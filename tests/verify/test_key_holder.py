"""What the holder of the key could seal wrongly: told, though every signature holds."""

import copy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import verify
from tests.verify.book import Answers, reseal, write
from tests.verify.month import honest_month

HONEST = honest_month()
LAST, LATE = ("2026-12-03", 1), ("2026-11-10", 2)


def seal_anew(answers: Answers, at: tuple[str, int], change: Callable[[Any, Any], None]) -> None:
    """Change a closing and its leaves, and seal it and all that follow it again."""
    items = [i for name in answers if name.startswith("closings") for i in answers[name]["items"]]
    items.sort(key=lambda item: int(item["sequence"]))
    leaves = [_leaves(answers, (item["day"], item["version"])) for item in items]
    place = items.index(_item(answers, at))
    change(items[place], leaves[place])
    for index in range(place, len(items)):
        if index > place:
            items[index]["previous_root"] = items[index - 1]["root"]
        items[index].update(reseal(items[index], leaves[index]))
    answers["head.json"] = items[-1]


def _item(answers: Answers, at: tuple[str, int]) -> Any:
    items = answers[f"closings-{at[0]}.json"]["items"]
    return next(item for item in items if item["version"] == at[1])


def _leaves(answers: Answers, at: tuple[str, int]) -> Any:
    return answers[f"leaves-{at[0]}-{at[1]}.json"]["items"]


def shift_an_opening(item: Any, leaves: Any) -> None:
    line = next(line for line in item["balances"] if line["account"] == "main")
    line["opening"], line["closing"] = "0.00", "-1.00"


def hide_an_opening(item: Any, leaves: Any) -> None:
    item["balances"] = [line for line in item["balances"] if line["account"] != "bank"]


def raise_the_credits(item: Any, leaves: Any) -> None:
    line = item["balances"][-1]
    line["credits"], line["closing"] = "10.00", str(Decimal(line["closing"]) + 10)


def remove_a_sealed_entry(item: Any, leaves: Any) -> None:
    sealed = next(leaf for leaf in leaves if leaf["entry"] not in item["changes"]["added"])
    leaves.remove(sealed)


def change_a_sealed_entry(item: Any, leaves: Any) -> None:
    sealed = next(leaf for leaf in leaves if leaf["entry"] not in item["changes"]["added"])
    sealed["recorded_at"] = "2026-11-11T00:00:00.000Z"


def put_an_entry_on_two_days(item: Any, leaves: Any) -> None:
    other = HONEST["leaves-2026-11-10-2.json"]["items"]
    twin = next(leaf for leaf in other if leaf["type"] == "debit")
    leaves[:] = [{**leaves[0], "entry": twin["entry"]}]


SEALED_WRONGLY: list[tuple[tuple[str, int], Callable[[Any, Any], Any], str]] = [
    (LAST, shift_an_opening, "main BRL opens -"),
    (LAST, hide_an_opening, "bank USD opens -"),
    (LAST, lambda item, _: item["balances"][-1].update(unsealed="1.00"), "main BRL opens -1.00 of"),
    (LAST, raise_the_credits, "main BRL: they do not add up to its credits, debits and entries"),
    (LAST, lambda item, _: item["balances"][-1].update(closing="1.00"), "is not opening + credits"),
    (LAST, lambda item, _: item["balances"].append(item["balances"][0]), "is there twice"),
    (LAST, lambda item, _: item.update(entries=7), "its balances do not add up to its number"),
    (LAST, lambda item, _: item.update(previous_root="0" * 64), "does not name the root of seq"),
    (LAST, lambda item, _: item.update(previous_root=None), "must tell a previous_root from"),
    (LAST, lambda item, _: item.update(sequence=33), "sequence 33 is there twice"),
    (LAST, lambda item, _: item.update(version=2), "must tell changes from version 2 on"),
    (LAST, lambda item, _: item.update(format=2), "it is of another format than 1"),
    (LAST, put_an_entry_on_two_days, "is on two days: 2026-11-10 and 2026-12-03"),
    (LATE, lambda item, _: item.update(version=3), "must have versions from 1 on, in sequence"),
    (LATE, lambda item, _: item["changes"]["effect"].pop(), "the effect told is not the diff"),
    (LATE, lambda item, _: item["changes"]["added"].pop(), "the entries added are not the diff"),
    (LATE, lambda item, _: item["changes"]["added"].reverse(), "are not those that its leaves"),
    (LATE, remove_a_sealed_entry, "leaves of day 2026-11-10 version 2: there are 4 of 5 leaves"),
    (LATE, change_a_sealed_entry, "was changed or removed since version 1"),
]


@pytest.mark.parametrize(("at", "change", "message"), SEALED_WRONGLY)
def test_a_wrong_seal_is_told(
    at: tuple[str, int],
    change: Callable[[Any, Any], Any],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = copy.deepcopy(HONEST)
    seal_anew(answers, at, change)
    assert verify.main(write(answers, tmp_path)) == 1
    failures = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILS")]
    assert any(message in line for line in failures), failures
    assert not any("signature" in line or "hash to" in line for line in failures), failures


def test_a_chain_written_anew_differs_from_the_head_in_the_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = copy.deepcopy(HONEST)
    kept = copy.deepcopy(_item(answers, ("2026-11-20", 1)))
    seal_anew(answers, ("2026-11-05", 1), lambda item, _: item.update(repairs=1))
    answers["head.json"] = kept
    del answers["proof.json"]
    assert verify.main(write(answers, tmp_path)) == 1
    assert "the chain was written anew" in capsys.readouterr().out
