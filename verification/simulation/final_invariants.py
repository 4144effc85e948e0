"""What must be true once nothing fails any more: no entry lost or doubled, every cent correct.

The reference model holds what the clients' requests add up to. The ledger's table and every row
and total of the read model are compared with it. Balances are sums of these totals, by SQL that
tests/queries compares with the same model.
"""

from collections import Counter
from collections.abc import Container

from chalicelib.closing.day_state import RowCorrection
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.storage.category_items import is_correction, item_correction
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from verification.kit.reference_model import ReferenceLedger
from verification.simulation.request_log import Request, RequestLog
from verification.simulation.violations import DOUBLED, DRIFT, LOST, REPLAY, check
from verification.simulation.world import World

_TOTALS = {
    "days": ("day", "account"),
    "months": ("month", "account"),
    "years": ("year", "account"),
    "categories": ("day", "category"),
}
"""The period and the group of each table of totals."""


def accepted_entries(
    world: World, log: RequestLog, imported: Container[str] = ()
) -> ReferenceLedger:
    """Return a model of the table's entries; each has the content that its request sent.

    Entries of the ids `imported` are those of bank files (import_invariants). Raises InvariantError
    if the entry of an answered request is missing, if an entry has no request, or if it is stored
    twice.
    """
    stored = ledger_entries(world)
    entries = [entry for entry in stored if entry.entry_id not in imported]
    by_id = {entry.entry_id: entry for entry in stored}
    times = Counter(
        (entry.merchant_id, entry.amount_minor, entry.reverses is not None) for entry in entries
    )
    for name, count in times.items():
        check(count == 1, DOUBLED, f"{name} is in the ledger {count} times")
    for request in log.requests:
        _check_stored(request, by_id)
    requests = {
        (request.merchant_id, request.expected_draft().amount_minor): request
        for request in log.entries()
    }
    for entry in entries:
        check_content(entry, requests[entry.merchant_id, entry.amount_minor], log)
    ledger = ReferenceLedger(stored)
    for correction in ledger_corrections(world).values():
        ledger.correct(correction.entry_id, correction.category)
    for request in log.requests:
        _check_category(request, ledger, log)
    return ledger


def ledger_entries(world: World) -> list[Entry]:
    """Return all entries of the table."""
    return [stored_entry(item).entry for item in world.table.items.values() if is_entry(item)]


def ledger_corrections(world: World) -> dict[str, CategoryCorrection]:
    """Return all corrections of the table, by the entries' ids."""
    items = (item for item in world.table.items.values() if is_correction(item))
    return {item["corrects"]["S"]: item_correction(item) for item in items}


def check_read_model(world: World, ledger: ReferenceLedger) -> None:
    """Compare every row of the read model with the ledger, and every total with the model."""
    _check_rows(world)
    for table, (period, group) in _TOTALS.items():
        totals, expected = getattr(world.tables, table), ledger.totals(period, group)
        check(totals == expected, DRIFT, "{} {} must be {}", table, totals, expected)


def _check_stored(request: Request, by_id: dict[str, Entry]) -> None:
    for response in request.responses[:1]:
        entry = by_id.get(response.entry.entry_id)
        check(entry is not None, LOST, f"{request.key} has a response and is not in the ledger")
        assert entry is not None
        is_same = without_texts(entry) == without_texts(response.entry)
        check(is_same, REPLAY, "the response was {}, and stored is {}", response.entry, entry)
    if request.erases and request.done and request.required_target.recorded_entry:
        entry = by_id[request.required_target.recorded_entry.entry_id]
        is_bare = (entry.description, entry.text_salt, dict(entry.metadata)) == (None, None, {})
        check(is_bare, REPLAY, "{} erased the texts of {}", request.key, entry)


def _check_category(request: Request, ledger: ReferenceLedger, log: RequestLog) -> None:
    if request.responses and not request.erases:
        category = ledger.category(request.responses[0].entry)
        possible = log.possible_categories(request)
        check(category in possible, LOST, f"{request.key} has {category}, not one of {possible}")


def check_content(entry: Entry, request: Request, log: RequestLog) -> None:
    """Check an entry against its request, and a reversal against the request of its original."""
    if entry.reverses is not None:
        reversals = log.reversals_of(request)
        check(bool(reversals), DOUBLED, f"no reversal of {request.key} was sent")
        by_reason = {reversal.body["reason"]: reversal for reversal in reversals}
        request = by_reason.get(entry.description, reversals[0])
    log.check_entry(request, entry)


def _check_rows(world: World) -> None:
    rows = {entry_id: row.entry for entry_id, row in world.tables.entries.items()}
    entries = {
        entry.entry_id: entry._replace(text_salt=None, origin=None)
        for entry in ledger_entries(world)
    }
    check(entries.keys() <= rows.keys(), LOST, "the read model lacks entries of the ledger")
    check(rows.keys() <= entries.keys(), DOUBLED, "the read model has entries that nobody recorded")
    behind = [name for name in world.tables.merchants if world.tables.is_behind(name)]
    check(not behind, DRIFT, f"the newest entries of {behind} were recorded at another moment")
    corrections = {
        name: RowCorrection(each.number, each.category)
        for name, each in ledger_corrections(world).items()
    }
    stored = {name: row.correction for name, row in world.tables.entries.items() if row.correction}
    check(stored == corrections, DRIFT, "the corrections are {}, not {}", stored, corrections)
    for name, entry in entries.items():
        check(rows[name] == entry, DRIFT, "the read model has {}, the ledger {}", rows[name], entry)
