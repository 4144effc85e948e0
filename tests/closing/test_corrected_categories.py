"""A correction of a category changes no closing, no status and no proof."""

from pathlib import Path

from tests.closing.corruptions import LONG_AGO, checked, whole_night
from tests.fixtures.night import YESTERDAY, NightWorld
from tests.fixtures.plain_sums import expected, held
from verification.kit.generators import correction


def test_corrected_day_stays_closed_and_valid(traded: NightWorld, tmp_path: Path) -> None:
    sold = traded.sell("sold", category="sales")
    traded.night()
    fixes = [correction(entry, 1, "energy") for entry in traded.ledger.entries.values()]
    traded.ledger.corrected.update({fix.entry_id: fix for fix in fixes})
    marked = traded.marked()
    traded.repairer.correct(fixes)
    assert traded.marked() == marked and LONG_AGO not in marked
    summary = whole_night(traded, YESTERDAY)
    assert (summary["closed"], summary["repaired"], traded.repairs()) == (0, 0, [])
    late = traded.sell("late", LONG_AGO)
    assert whole_night(traded, YESTERDAY)["closed"] == 1
    newest = traded.closings(LONG_AGO)[-1]
    assert newest["changes"]["added"] == [late.entry_id] and newest["repairs"] == 0
    assert checked(traded, tmp_path) == 0
    categories = {fix.entry_id: "energy" for fix in fixes}
    sums = expected(traded.ledger.entries.values(), categories)
    assert held(traded.database, [traded.merchant]) == sums
    assert traded.read_model.rows([sold.entry_id])[sold.entry_id].category == "energy"


def test_wrong_category_totals_follow_corrections(traded: NightWorld) -> None:
    sold = traded.sell("sold", category="sales")
    fix = correction(sold, 1, "energy")
    traded.ledger.corrected[sold.entry_id] = fix
    traded.repairer.correct([fix])
    traded.corrupt("UPDATE category_totals SET entries = entries + 1 WHERE category = 'energy'")
    traded.night()
    assert [(what, name) for _, what, name in traded.repairs()] == [("category", "energy")]
    sums = expected(traded.ledger.entries.values(), {sold.entry_id: "energy"})
    assert held(traded.database, [traded.merchant]) == sums
