"""The file of a statement in each of its formats, as the response that carries it."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from chalice.app import Request

from chalicelib.api import etag
from chalicelib.api.accept import preferred
from chalicelib.api.compression import bytes_in_lambda, compressed
from chalicelib.api.endpoint import ApiRequest
from chalicelib.api.http import Response, header_values, with_header
from chalicelib.api.statement_responses import statement_response
from chalicelib.ledger.days import business_day
from chalicelib.ledger.errors import ConflictError
from chalicelib.ledger.statement import Statement
from chalicelib.queries import wiring
from chalicelib.queries.statements import entry_currencies

Format = Literal["json", "csv", "xlsx", "pdf", "ofx", "journal"]
Locale = Literal["pt-BR", "en"]
Writer = Callable[[Statement, Locale], bytes]

JSON = "application/json"
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "ofx": "application/x-ofx",
    "journal": "text/plain; charset=utf-8",
}
_VARY = "Authorization, Accept"
_TITLES = {"pt-BR": "extrato", "en": "statement"}


def accepted_format(request: Request) -> str:
    """Return the format that `Accept` prefers; JSON if it names none."""
    names = {media_type.partition(";")[0]: name for name, media_type in MEDIA_TYPES.items()}
    accept = ",".join(header_values(request, "accept"))
    # Clients that read JSON often name text/plain beside it, and want no journal.
    best = preferred(accept, (JSON, *names), last_resort="text/plain")
    return names.get(best, "json")


def sized(request: ApiRequest[Any, None], content: Statement, name: str) -> tuple[Response, int]:
    """Return the response of a statement, and how long its body is in Lambda's response."""
    response = compressed(_written(request, content, name), request.http)
    return response, 0 if response.body is None else bytes_in_lambda(response.body)


def _written(request: ApiRequest[Any, None], content: Statement, name: str) -> Response:
    if name == "json":
        response = etag.respond(request.http, statement_response(content))
        return with_header(response, "Vary", _VARY)
    params = request.query
    if params.book:
        written = _book(content, request.principal.merchant_id)
    else:
        written = _writer(name)(content, params.locale)
    response = etag.respond_with_file(request.http, written, MEDIA_TYPES[name])
    title = "livro-caixa" if params.book else _TITLES[params.locale]
    disposition = f'attachment; filename="{title}-{_file_name(content)}.{name}"'
    named = with_header(response, "Content-Disposition", disposition)
    return with_header(named, "Vary", _VARY)


def _writer(name: str) -> Writer:
    """Import the function that writes a format: its library is needed for no other request."""
    if name == "csv":
        from chalicelib.statements.csv_file import csv_file as writer
    elif name == "xlsx":
        from chalicelib.statements.xlsx_file import xlsx_file as writer
    elif name == "pdf":
        from chalicelib.statements.pdf_file import pdf_file as writer
    elif name == "ofx":
        from chalicelib.statements.ofx_file import ofx_file as writer
    else:
        from chalicelib.statements.journal_file import journal_file as writer
    return writer


def _book(content: Statement, merchant_id: str) -> bytes:
    from chalicelib.statements.book_file import book_file
    from chalicelib.statements.book_terms import Book

    if content.merchant is None:
        raise ConflictError("The book's terms need the merchant's name: PUT /v1/merchant sets it.")
    currencies = entry_currencies(wiring.read_model(), merchant_id, content.first, content.last)
    others = [currency for currency in currencies if currency != content.currency]
    is_over = content.last < business_day(datetime.now(UTC), content.zone)
    return book_file(Book(content, content.merchant, merchant_id, others, is_over))


def _file_name(content: Statement) -> str:
    """Return the end of a file's name without its suffix, such as `2026-11-main`."""
    is_month = content.first.day == 1 and content.last == last_day(content.first)
    days = f"{content.first:%Y-%m}" if is_month else f"{content.first}-{content.last}"
    account = f"-{content.account}" if content.account else ""
    return f"{days}{account}"


def last_day(month: date) -> date:
    """Return the last day of a month, given its first."""
    return month.replace(day=monthrange(month.year, month.month)[1])
