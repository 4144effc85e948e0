"""Lists, cash flow and statements show and select by the current category."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from chalicelib.queries.cash_flow import CashFlowParams, cash_flow
from chalicelib.queries.entry_list import UNCATEGORIZED, EntryFilters
from chalicelib.queries.statements import StatementQuery, statement
from tests.queries.book import DAY, Book
from verification.kit.generators import correction, entries
from verification.kit.reference_model import ReferenceLedger

FIRST = DAY - timedelta(days=365)


def test_reads_use_the_current_category(book: Book) -> None:
    recorded = entries(53, 120, [book.merchant], days=300)
    book.insert(recorded)
    ledger, current = ReferenceLedger(recorded), {}
    for number, entry in enumerate(recorded[:60]):
        fix = correction(entry, 1, ("energy", "wages", None)[number % 3])
        current[entry.entry_id] = fix.category
        ledger.correct(entry.entry_id, fix.category)
        book.projection.ports.read_model.correct([fix])
    current |= {entry.entry_id: entry.category for entry in recorded[60:]}
    for category in ("energy", "wages", UNCATEGORIZED):
        filters = EntryFilters(category=category)
        listed = [item for page in book.pages(filters) for item in page]
        ids = {entry_id for entry_id, name in current.items() if name == (category or None)}
        assert {item.entry.entry_id for item in listed} == ids
    whole = [item for page in book.pages() for item in page]
    assert {item.entry.entry_id: item.category for item in whole} == current
    categories = {entry.entry_id: entry.category for entry in recorded}
    assert {item.entry.entry_id: item.entry.category for item in whole} == categories

    params = CashFlowParams(book.merchant, FIRST, DAY, "month", "category", "BRL")
    flow, _ = cash_flow(book.read_model, params)
    assert [tuple(item) for item in flow] == [tuple(item) for item in ledger.cash_flow(*params[:6])]
    query = StatementQuery(book.merchant, FIRST, DAY, None, "BRL", ZoneInfo("America/Sao_Paulo"))
    lines = statement(book.read_model, query).entries
    assert len(lines) > 20
    for line in lines:
        entry_id = line.entry.entry_id
        shown = (line.entry.category, line.recorded_category)
        assert shown == (current[entry_id], categories[entry_id])
