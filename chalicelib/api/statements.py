"""Statements (extratos): the entries and balances of a month or a range, in six formats."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from chalice.app import Request
from pydantic import Field

from chalicelib.api import etag
from chalicelib.api.accept import preferred
from chalicelib.api.auth import READ
from chalicelib.api.compression import (
    LARGEST_BYTES,
    accepts_gzip,
    bytes_in_lambda,
    compressed,
)
from chalicelib.api.daily_balances import First, Last
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import Account, Currency, Flag
from chalicelib.api.http import Response, header_values, with_header
from chalicelib.api.statement_responses import StatementResponse, statement_response
from chalicelib.api.validation import RequestQuery
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.errors import (
    ConflictError,
    FieldError,
    InvalidQueryError,
    LedgerUnavailableError,
    ReadModelUnavailableError,
    ValidationError,
)
from chalicelib.ledger.statement import Statement, first_days
from chalicelib.queries import wiring
from chalicelib.queries.statements import StatementQuery as Query
from chalicelib.queries.statements import statement, too_many
from chalicelib.runtime import settings

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


class MonthQuery(RequestQuery):
    """Which statement of a month, and its format."""

    account: Account = None
    currency: Currency = DEFAULT_CURRENCY
    format: Annotated[
        Format | None,
        Field(
            description="The format. Without it, `Accept` decides: the highest weight (`q`), then "
            "the order in the header, and JSON for `*/*` or if it names none of them. `text/plain` "
            "is the journal only where JSON, also as `*/*`, has another weight."
        ),
    ] = None
    locale: Annotated[Locale, Field(description="The language of files.")] = "pt-BR"
    book: Annotated[
        Flag,
        Field(description="The cash book (livro caixa) of all accounts, as PDF in Portuguese."),
    ] = False


class RangeQuery(MonthQuery):
    """Which statement of consecutive days, and its format."""

    first: First
    last: Last


_RESPONSE = ResponseSpec(
    200,
    StatementResponse,
    "The statement: every entry, oldest first, and every day.",
    headers=("Content-Disposition",),
    media_types=tuple(media_type.partition(";")[0] for media_type in MEDIA_TYPES.values()),
)
_RAISES = (
    ConflictError,
    ValidationError,
    ReadModelUnavailableError,
    LedgerUnavailableError,
)


@endpoint(scope=READ, query=MonthQuery, etag=True, responses=[_RESPONSE], raises=_RAISES)
def month_statement(request: ApiRequest[MonthQuery, None], month: date) -> Response:
    """Read the statement of a month."""
    return _statement(request, month, _last_day(month))


@endpoint(scope=READ, query=RangeQuery, etag=True, responses=[_RESPONSE], raises=_RAISES)
def range_statement(request: ApiRequest[RangeQuery, None]) -> Response:
    """Read the statement of consecutive days."""
    return _statement(request, request.query.first, request.query.last)


def _statement(
    request: ApiRequest[MonthQuery, None] | ApiRequest[RangeQuery, None], first: date, last: date
) -> Response:
    params = request.query
    name = "pdf" if params.book else params.format or _accepted(request.http)
    _check(params, name)
    query = Query(
        request.principal.merchant_id,
        first,
        last,
        params.account,
        params.currency,
        settings.current().business_zone,
    )
    content = statement(wiring.read_model(), query)
    response, size = _sized(request, content, name)
    if size > LARGEST_BYTES:
        raise _too_large(request, content, name, size)
    return response


def _sized(request: ApiRequest[Any, None], content: Statement, name: str) -> tuple[Response, int]:
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
    disposition = f'attachment; filename="{title}-{file_name(content)}.{name}"'
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


def _too_large(
    request: ApiRequest[Any, None], content: Statement, name: str, size: int
) -> ValidationError:
    """Return the error for a body of this size, naming days of which the same file was measured."""
    most = len(content.entries)
    while size > LARGEST_BYTES:
        most = most * LARGEST_BYTES // size
        part = first_days(content, most)
        if not part.entries:
            break
        most = len(part.entries)
        _, size = _sized(request, part, name)
    totals = {day.balance.day: day.balance.totals for day in content.days}
    error = too_many(totals, most, content.account)
    if accepts_gzip(request.http):
        return error
    more = "More fit with Accept: */* and Accept-Encoding: gzip."
    return ValidationError(f"{error.detail} {more}", error.field_errors)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _check(params: MonthQuery, name: str) -> None:
    """Raise InvalidQueryError for parameters that contradict each other."""
    if params.book and params.format not in (None, "pdf"):
        raise _invalid("format", "must be pdf, or absent, with book=true")
    if params.book and params.account is not None:
        raise _invalid("account", "must be absent with book=true: the book has all accounts")
    if name == "ofx" and params.account is None:
        raise _invalid("account", "is needed for format=ofx, because OFX has one account")


def _invalid(field: str, message: str) -> InvalidQueryError:
    return InvalidQueryError(f"{field} {message}.", [FieldError(field, message)])


def _book(content: Statement, merchant_id: str) -> bytes:
    from chalicelib.commands.wiring import merchant_settings
    from chalicelib.statements.book_file import book_file

    profile = merchant_settings().profile(merchant_id)
    if profile is None:
        raise ConflictError("The book's terms need the merchant's name: PUT /v1/merchant sets it.")
    return book_file(content, profile)


def file_name(content: Statement) -> str:
    """Return the end of a file's name without its suffix, such as `2026-11-main`."""
    is_month = content.first.day == 1 and content.last == _last_day(content.first)
    days = f"{content.first:%Y-%m}" if is_month else f"{content.first}-{content.last}"
    account = f"-{content.account}" if content.account else ""
    return f"{days}{account}"


def _accepted(request: Request) -> str:
    """Return the format that `Accept` prefers; JSON if it names none."""
    names = {media_type.partition(";")[0]: name for name, media_type in MEDIA_TYPES.items()}
    accept = ",".join(header_values(request, "accept"))
    # Clients that read JSON often name text/plain beside it, and want no journal.
    best = preferred(accept, (JSON, *names), last_resort="text/plain")
    return names.get(best, "json")
