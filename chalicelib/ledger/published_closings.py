"""Published closings read back: the lines that one tells, and what it adds to what is sealed."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import BalanceLine, Opening


def lines_of(item: Mapping[str, Any]) -> tuple[BalanceLine, ...]:
    """Return the lines of a published closing, to compare the next version with."""
    return tuple(_parsed(line) for line in item["balances"])


def effects_of(item: Mapping[str, Any]) -> tuple[BalanceLine, ...]:
    """Return what a published closing adds to the balances that are sealed, line by line."""
    told = item["changes"]["effect"] if item["changes"] else item["balances"]
    return with_entries(_parsed({"unsealed": "0", **line}) for line in told)


def with_entries(lines: Iterable[BalanceLine]) -> tuple[BalanceLine, ...]:
    """Return the lines that say something of entries."""
    return tuple(line for line in lines if line.totals.entries)


def _parsed(line: Mapping[str, Any]) -> BalanceLine:
    return BalanceLine(
        account=line["account"],
        currency=line["currency"],
        opening=Opening(_minor(line["opening"]), _minor(line["unsealed"])),
        totals=Totals(_minor(line["credits"]), _minor(line["debits"]), line["entries"]),
    )


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
