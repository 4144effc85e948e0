"""Lists of entries, from the read model, page by page."""

from typing import Any

from chalicelib.api.conditional import tagged, with_header
from chalicelib.api.exchange import Answer
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.entry_answers import EntriesAnswer, entry_json
from chalicelib.api.models.queries import EntriesQuery
from chalicelib.api.pages import next_link
from chalicelib.api.views.view import Asked, Gives, View
from chalicelib.ledger import errors
from chalicelib.queries import wiring
from chalicelib.queries.entry_list import EntryFilters, EntryPage, page


def _list(asked: Asked[EntriesQuery, NoBody]) -> Answer:
    query = asked.query
    merchant_id = asked.caller.merchant_id
    result = page(wiring.read_model(), merchant_id, _filters(query), query.limit, query.cursor)
    answer = tagged(asked.request, _shown(result))
    if result.next_cursor is None:
        return answer
    return with_header(answer, "Link", next_link(asked.request.query, result.next_cursor))


def _filters(query: EntriesQuery) -> EntryFilters:
    return EntryFilters(
        first=query.first,
        last=query.last,
        account=query.account,
        currency=query.currency,
        type=query.type,
        category=query.category,
        q=query.q,
    )


def _shown(found: EntryPage) -> dict[str, Any]:
    items = [entry_json(item.entry, item.reversed_by) for item in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


list_entries = View(
    answer=_list,
    query=EntriesQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, EntriesAnswer, "A page, newest business day first.", ("ETag", "Link"))],
    refuses=[errors.ReadModelUnavailableError],
)
