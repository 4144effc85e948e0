"""How far money was off, told in minor units."""

from chalicelib.closing.differences import Difference, drift_minor
from chalicelib.ledger.balances import Totals


def difference(what: str, ledger: Totals, here: Totals, name: str = "main") -> Difference:
    return Difference(what, name, "BRL", {"ledger": ledger._asdict(), "read_model": here._asdict()})


def test_an_entry_that_is_missing_everywhere_counts_once() -> None:
    lost = (Totals(15075, 0, 1), Totals())
    result = [difference(what, *lost) for what in ("entries", "day", "month", "year")]
    assert drift_minor(result) == 15075


def test_what_is_too_much_here_does_not_make_up_for_what_is_missing_there() -> None:
    result = [
        difference("day", Totals(100, 0, 1), Totals(), "main"),
        difference("day", Totals(), Totals(100, 0, 1), "bank"),
    ]
    assert drift_minor(result) == 200


def test_texts_that_should_be_erased_are_no_money() -> None:
    assert drift_minor([Difference("texts", "main", "BRL", {})]) == 0
    assert drift_minor([]) == 0
