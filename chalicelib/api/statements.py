"""Statements (extratos): the entries and balances of a month or a range, in six formats."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from chalicelib.api.auth import READ
from chalicelib.api.compression import LARGEST_BYTES, accepts_gzip
from chalicelib.api.daily_balances import Last
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import Account, Currency, Flag, rule
from chalicelib.api.http import Response
from chalicelib.api.statement_files import (
    MEDIA_TYPES,
    Format,
    Locale,
    accepted_format,
    last_day,
    sized,
)
from chalicelib.api.statement_responses import StatementResponse
from chalicelib.api.validation import RequestQuery
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.days import check_earliest, parse_day
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
from chalicelib.queries.statements import TooManyEntriesError, statement, too_many
from chalicelib.runtime import settings


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
        Field(
            description="The cash book (livro caixa) of all accounts, as PDF in Portuguese. Books "
            "are kept in Brazil's currency (Código Civil, art. 1.183), so `currency` must be BRL "
            "or absent; the terms name other currencies with entries on these days, which are not "
            "included. While the days are not over, the book is marked as partial. The number "
            "(nº de ordem) is left blank, to be filled in by hand."
        ),
    ] = False


_FirstSchema = Annotated[
    str,
    Field(
        pattern="^(19|[2-9][0-9])", json_schema_extra={"format": "date"}, examples=["2026-11-23"]
    ),
]


class RangeQuery(MonthQuery):
    """Which statement of consecutive days, and its format."""

    first: Annotated[
        date,
        PlainValidator(
            rule(lambda text: check_earliest(parse_day(text))), json_schema_input_type=_FirstSchema
        ),
        Field(alias="from", description="The first day, inclusive; 1900-01-01 or later."),
    ]
    last: Last


_RESPONSE = ResponseSpec(
    200,
    StatementResponse,
    "The statement: every entry, oldest first, and every day.",
    headers=("Content-Disposition",),
    media_types=tuple(media_type.partition(";")[0] for media_type in MEDIA_TYPES.values()),
)
_WITH_NAMES = ("csv", "xlsx", "pdf")
"""The formats for people; others have the slugs, which programs compare."""
_WITH_MERCHANT = ("xlsx", "pdf")
"""A CSV file has one table only."""
_RAISES = (
    ConflictError,
    ValidationError,
    ReadModelUnavailableError,
    LedgerUnavailableError,
)


@endpoint(scope=READ, query=MonthQuery, etag=True, responses=[_RESPONSE], raises=_RAISES)
def month_statement(request: ApiRequest[MonthQuery, None], month: date) -> Response:
    """Read the statement of a month."""
    return _statement(request, month, last_day(month))


@endpoint(scope=READ, query=RangeQuery, etag=True, responses=[_RESPONSE], raises=_RAISES)
def range_statement(request: ApiRequest[RangeQuery, None]) -> Response:
    """Read the statement of consecutive days."""
    return _statement(request, request.query.first, request.query.last)


def _statement(
    request: ApiRequest[MonthQuery, None] | ApiRequest[RangeQuery, None], first: date, last: date
) -> Response:
    params = request.query
    name = "pdf" if params.book else params.format or accepted_format(request.http)
    _check(params, name)
    query = Query(
        request.principal.merchant_id,
        first,
        last,
        params.account,
        params.currency,
        settings.current().business_zone,
    )
    try:
        content = _read(query, name)
    except TooManyEntriesError as error:
        raise _measured(request, query, name, error) from None
    response, size = sized(request, content, name)
    if size > LARGEST_BYTES:
        raise _too_large(request, content, name, size)
    return response


def _read(query: Query, name: str) -> Statement:
    """Return the statement, with the registered categories and merchant if its format has them."""
    content = statement(wiring.read_model(), query)
    if name not in _WITH_NAMES:
        return content
    from chalicelib.commands.category_settings import categories
    from chalicelib.commands.wiring import merchant_settings

    if name in _WITH_MERCHANT:
        content = content._replace(merchant=merchant_settings().profile(query.merchant_id))
    if any(line.entry.category for line in content.entries):
        registered = categories(merchant_settings(), query.merchant_id)
        content = content._replace(categories=registered)
    return content


def _measured(
    request: ApiRequest[Any, None], query: Query, name: str, error: TooManyEntriesError
) -> ValidationError:
    """Return the error for too many entries; the days that it names also fit into a response."""
    if error.last is None:
        return error
    content = _read(query._replace(last=error.last), name)
    _, size = sized(request, content, name)
    return _too_large(request, content, name, size) if size > LARGEST_BYTES else error


def _too_large(
    request: ApiRequest[Any, None], content: Statement, name: str, size: int
) -> ValidationError:
    """Return the error for a body of this size, naming days of which the same file was measured.

    Each attempt has at most half of the entries of the one before, so that all of them take no more
    than twice as long as the whole; but at least the first day's entries.
    """
    totals = {day.balance.day: day.balance.totals for day in content.days}
    of_first_day = next(total.entries for total in totals.values() if total.entries)
    part = content
    while size > LARGEST_BYTES and len(part.entries) > of_first_day:
        most = len(part.entries) * min(LARGEST_BYTES / size, 0.5)
        part = first_days(content, max(int(most), of_first_day))
        _, size = sized(request, part, name)
    fitting = len(part.entries) * LARGEST_BYTES // max(size, LARGEST_BYTES)
    error = too_many(totals, fitting, content.account)
    if accepts_gzip(request.http):
        return error
    more = "More fit with Accept: */* and Accept-Encoding: gzip."
    return ValidationError(f"{error.detail} {more}", error.field_errors)


def _check(params: MonthQuery, name: str) -> None:
    """Raise InvalidQueryError for parameters that contradict each other."""
    if params.book and params.format not in (None, "pdf"):
        raise _invalid("format", "must be pdf, or absent, with book=true")
    if params.book and params.account is not None:
        raise _invalid("account", "must be absent with book=true: the book has all accounts")
    if params.book and params.currency != DEFAULT_CURRENCY:
        raise _invalid("currency", "must be BRL, or absent, with book=true")
    if name == "ofx" and params.account is None:
        raise _invalid("account", "is needed for format=ofx, because OFX has one account")


def _invalid(field: str, message: str) -> InvalidQueryError:
    return InvalidQueryError(f"{field} {message}.", [FieldError(field, message)])
