"""By how many minor units money was off."""

import pytest

from chalicelib.closing.differences import Difference, drift_minor
from chalicelib.ledger.balances import Totals

LOST, EXCESS = (Totals(15075, 0, 1), Totals()), (Totals(), Totals(15075, 0, 1))


def difference(what: str, ledger: Totals, stored: Totals, name: str = "main") -> Difference:
    totals = {"ledger": ledger._asdict(), "read_model": stored._asdict()}
    return Difference(what, name, "BRL", totals)


@pytest.mark.parametrize(
    ("differences", "drift"),
    [
        ([], 0),
        ([Difference("texts", "main", "BRL", {})], 0),
        ([difference(what, *LOST) for what in ("entries", "day", "month", "year")], 15075),
        ([difference("day", *LOST, "main"), difference("day", *EXCESS, "bank")], 30150),
    ],
    ids=["none", "texts", "one entry in all totals", "opposite accounts"],
)
def test_drift_counts_each_entry_once(differences: list[Difference], drift: int) -> None:
    assert drift_minor(differences) == drift
