"""Query parameters: unknown ones are refused, and every filter must be one that can be."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from chalicelib.api.models.rules import Currency, Day, EntryId, SearchText, Slug, refuse, ruled
from chalicelib.ledger.cash_flow import Grouping, Period
from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.errors import BadRequestError
from chalicelib.queries.day_ranges import LONGEST_DAYS, check_order, check_range

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
_LIMIT = re.compile("[1-9][0-9]{0,2}", re.ASCII)


class SentQuery(BaseModel):
    """Query parameters by name; read-only once they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _in_order(last: date, seen: ValidationInfo) -> date:
    try:
        check_order(seen.data.get("first"), last)
    except BadRequestError as refusal:
        refuse(refusal.faults[0].message)
    return last


def _in_range(last: date, seen: ValidationInfo) -> date:
    try:
        check_range(seen.data.get("first", last), last)
    except BadRequestError as refusal:
        refuse(refusal.faults[0].message)
    return last


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or int(text) > LARGEST_LIMIT:
        refuse(f"must be a whole number from 1 to {LARGEST_LIMIT}")
    return int(text)


Limit = Annotated[
    int,
    PlainValidator(
        ruled(_limit), json_schema_input_type=Annotated[int, Field(ge=1, le=LARGEST_LIMIT)]
    ),
]
After = Annotated[
    EntryId | None,
    Field(description="Wait up to 2 seconds until the read model contains this entry."),
]
Account = Annotated[Slug | None, Field(description="One account; all together where absent.")]
First = Annotated[Day, Field(alias="from", description="The first day, inclusive.")]
Last = Annotated[
    Day,
    AfterValidator(_in_range),
    Field(alias="to", description=f"The last day, inclusive; {LONGEST_DAYS} days at most in all."),
]


class DayQuery(SentQuery):
    """One day's balance."""

    account: Account = None
    currency: Currency = DEFAULT_CURRENCY
    after: After = None


class DaysQuery(SentQuery):
    """The balances of a run of days."""

    first: First
    last: Last
    account: Account = None
    currency: Currency = DEFAULT_CURRENCY
    after: After = None


class CashFlowQuery(SentQuery):
    """A cash flow."""

    first: First
    last: Last
    by: Period = "day"
    group: Grouping = "none"
    currency: Currency = DEFAULT_CURRENCY


class EntriesQuery(SentQuery):
    """A page of entries."""

    first: Annotated[Day | None, Field(alias="from", description="The first day, inclusive.")] = (
        None
    )
    last: Annotated[
        Annotated[Day, AfterValidator(_in_order)] | None,
        Field(alias="to", description="The last day, inclusive."),
    ] = None
    account: Account = None
    currency: Currency | None = None
    type: Literal["credit", "debit"] | None = None
    category: Slug | None = None
    q: SearchText | None = Field(
        None, description="Searched in descriptions; case and accents do not count."
    )
    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = Field(None, description="The `next_cursor` of the page before.")
