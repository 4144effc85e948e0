"""Wrong closings that the holder of the key could seal: detected in spite of valid signatures."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.verify.book import Files, reseal

Failures = Callable[[Files], list[str]]
Version = tuple[str, int]
Change = Callable[[Any, Any], Any]
"""Changes a closing and its leaves."""
LAST, LATE = ("2026-12-03", 1), ("2026-11-10", 2)


def reseal_from(files: Files, at: Version, change: Change) -> None:
    """Change a closing and its leaves; seal it and all later closings again."""
    items = [i for name in files if name.startswith("closings") for i in files[name]["items"]]
    items.sort(key=lambda item: int(item["sequence"]))
    leaves = [_leaves(files, (item["day"], item["version"])) for item in items]
    place = items.index(_item(files, at))
    change(items[place], leaves[place])
    for index in range(place, len(items)):
        if index > place:
            items[index]["previous_root"] = items[index - 1]["root"]
        items[index].update(reseal(items[index], leaves[index]))
    files["head.json"] = items[-1]


def _item(files: Files, at: Version) -> Any:
    items = files[f"closings-{at[0]}.json"]["items"]
    return next(item for item in items if item["version"] == at[1])


def _leaves(files: Files, at: Version) -> Any:
    return files[f"leaves-{at[0]}-{at[1]}.json"]["items"]


def shift_an_opening(item: Any, leaves: Any) -> None:
    line = next(line for line in item["balances"] if line["account"] == "main")
    line["opening"], line["closing"] = "0.00", "-1.00"


def hide_an_opening(item: Any, leaves: Any) -> None:
    item["balances"] = [line for line in item["balances"] if line["account"] != "bank"]


def raise_the_credits(item: Any, leaves: Any) -> None:
    line = item["balances"][-1]
    line["credits"], line["closing"] = "10.00", str(Decimal(line["closing"]) + 10)


def sealed_before(item: Any, leaves: Any) -> Any:
    return next(leaf for leaf in leaves if leaf["entry"] not in item["changes"]["added"])


def remove_a_sealed_entry(item: Any, leaves: Any) -> None:
    leaves.remove(sealed_before(item, leaves))


def change_a_sealed_entry(item: Any, leaves: Any) -> None:
    sealed_before(item, leaves)["recorded_at"] = "2026-11-11T00:00:00.000Z"


SEALED_WRONGLY: list[tuple[Version, Change, str]] = [
    (LAST, shift_an_opening, "main BRL opening is -"),
    (LAST, hide_an_opening, "bank USD opening is -"),
    (LAST, lambda item, _: item["balances"][-1].update(unsealed="1.00"), "opening is -1.00"),
    (LAST, raise_the_credits, "main BRL: they do not add up to its credits, debits and entries"),
    (LAST, lambda item, _: item["balances"][-1].update(closing="1.00"), "is not opening + credits"),
    (LAST, lambda item, _: item["balances"].append(item["balances"][0]), "occurs twice"),
    (LAST, lambda item, _: item.update(entries=7), "its balances do not add up to its number"),
    (LAST, lambda item, _: item.update(previous_root="0" * 64), "does not name the root of seq"),
    (LAST, lambda item, _: item.update(previous_root=None), "must have a previous_root from"),
    (LAST, lambda item, _: item.update(sequence=33), "sequence 33 occurs twice"),
    (LAST, lambda item, _: item.update(version=2), "must have changes from version 2 on"),
    (LAST, lambda item, _: item.update(format=2), "its format is not 1"),
    (LATE, lambda item, _: item.update(version=3), "must have versions from 1 on, in sequence"),
    (LATE, lambda item, _: item["changes"]["effect"].pop(), "its effect is not the difference"),
    (LATE, lambda item, _: item["changes"]["added"].pop(), "its number of added entries is not"),
    (LATE, lambda item, _: item["changes"]["added"].reverse(), "added entries are not the leaves"),
    (LATE, remove_a_sealed_entry, "leaves of day 2026-11-10 version 2: there are 4 of 5 leaves"),
    (LATE, change_a_sealed_entry, "was changed or removed since version 1"),
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
    twin = next(leaf for leaf in _leaves(month, LATE) if leaf["type"] == "debit")
    reseal_from(month, LAST, lambda _, leaves: leaves[0].update(entry=twin["entry"]))
    (line,) = [line for line in failures(month) if "is on two days" in line]
    assert line.endswith("is on two days: 2026-11-10 and 2026-12-03")


def test_replaced_chain_differs_from_the_head(month: Files, failures: Failures) -> None:
    head = copy.deepcopy(_item(month, ("2026-11-20", 1)))
    reseal_from(month, ("2026-11-05", 1), lambda item, _: item.update(repairs=1))
    month["head.json"] = head
    del month["proof.json"]
    assert any("the chain was replaced" in line for line in failures(month))
