"""Categories of the read model that are not those of the ledger's corrections, and their repair.

They are repaired beside the closings: no day is closed again, and no closing counts them, because
neither its leaves nor its balances have categories.
"""

from collections.abc import Iterable, Mapping

from chalicelib import observability
from chalicelib.closing.day_state import Row, RowCorrection
from chalicelib.closing.ports import Page, Ports
from chalicelib.closing.reconcile import PROJECTION_GRACE
from chalicelib.ledger.category_corrections import CategoryCorrection


def repair_categories(ports: Ports, page: Page, rows: Mapping[str, Row]) -> None:
    """Give the rows of a page of the ledger the categories that its corrections say.

    `rows` are those of the page's entries, and of the entries that it corrects. Raises what the
    stores raise.
    """
    doubtful = _doubtful(page.corrections, rows)
    lately = ports.clock() - PROJECTION_GRACE
    ledger = {each.entry_id: each for each in ports.ledger.corrections(doubtful)}
    wrong: dict[str, list[str]] = {}
    for entry_id in doubtful:
        correction, row = ledger.get(entry_id), rows[entry_id]
        is_on_its_way = correction is not None and correction.corrected_at >= lately
        if not is_on_its_way and row.correction != _as_in_a_row(correction):
            wrong.setdefault(row.entry.merchant_id, []).append(entry_id)
    for merchant_id, entry_ids in sorted(wrong.items()):
        ports.repair([merchant_id], entry_ids)
        merchant = observability.merchant_hash(merchant_id)
        observability.log("read_model_differed", merchant=merchant, day=None, what="corrections")
        observability.count("ReadModelDifferences", len(entry_ids))


def _doubtful(corrections: Iterable[CategoryCorrection], rows: Mapping[str, Row]) -> list[str]:
    """Return the entries whose row the page does not confirm; scans may be a moment behind."""
    on_page = {each.entry_id: _as_in_a_row(each) for each in corrections}
    return [entry_id for entry_id, row in rows.items() if row.correction != on_page.get(entry_id)]


def _as_in_a_row(correction: CategoryCorrection | None) -> RowCorrection | None:
    return None if correction is None else RowCorrection(correction.number, correction.category)
