"""Lists of entries, from the read model, page by page."""

from typing import Any

from chalicelib.ledger import errors
from chalicelib.queries.entry_list import EntryFilters, EntryPage, page
from chalicelib.queries.read_model import real
from chalicelib.web.conditional import tagged, with_header
from chalicelib.web.exchange import Answer
from chalicelib.web.models.bodies import NoBody
from chalicelib.web.models.entry_answers import EntriesAnswer, entry_json
from chalicelib.web.models.queries import EntriesQuery
from chalicelib.web.pages import next_link
from chalicelib.web.views.view import Asked, Gives, View


def _list(asked: Asked[EntriesQuery, NoBody]) -> Answer:
    query = asked.query
    merchant_id = asked.caller.merchant_id
    found = page(real(), merchant_id, _filters(query), query.limit, query.cursor)
    answer = tagged(asked.request, _shown(found))
    if found.next_cursor is None:
        return answer
    return with_header(answer, "Link", next_link(asked.request.query, found.next_cursor))


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
    items = [entry_json(one.entry, one.reversed_by) for one in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


list_entries = View(
    answer=_list,
    query=EntriesQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, EntriesAnswer, "A page, newest business day first.", ("ETag", "Link"))],
    refuses=[errors.ReadModelUnavailableError],
)
