"""Rules that give rows of bank files a category: set, delete and list them."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo
from typing_extensions import TypedDict

from chalicelib.api.auth import READ, WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import AmountSchema, NameSchema, Slug, SlugSchema, reject, rule
from chalicelib.api.http import Response
from chalicelib.api.setting_list import Listed, SettingListQuery, respond_with_page
from chalicelib.api.validation import RequestBody
from chalicelib.commands import rule_settings
from chalicelib.commands.wiring import merchant_settings
from chalicelib.ledger.entries import EntryType
from chalicelib.ledger.errors import LedgerUnavailableError, ValidationError
from chalicelib.ledger.rules import LARGEST_ORDER, MOST_RULES, Rule, parse_bound, parse_rule_text
from chalicelib.ledger.text import DESCRIPTION_LENGTH


def _order(sent: Any) -> int:
    if type(sent) is not int or not 0 <= sent <= LARGEST_ORDER:  # True is an int, too
        reject(f"must be a whole number from 0 to {LARGEST_ORDER}")
    return sent


def _maximum(sent: Any, seen: ValidationInfo) -> Decimal:
    bound = rule(parse_bound)(sent)
    minimum = seen.data.get("min")
    if minimum is not None and bound < minimum:
        reject(f"must be at least `min`, {minimum}")
    return bound


_Order = Annotated[int, Field(ge=0, le=LARGEST_ORDER, examples=[10])]
_Text = Annotated[str, Field(min_length=1, max_length=DESCRIPTION_LENGTH, examples=["energisa"])]
_SearchText = Annotated[str, PlainValidator(rule(parse_rule_text), json_schema_input_type=_Text)]
_Bound = Annotated[Decimal, PlainValidator(rule(parse_bound), json_schema_input_type=AmountSchema)]


class WhenBody(RequestBody):
    """What a row must be; an absent field, or null, matches every row."""

    text: _SearchText | None = Field(
        None, description="Found anywhere in the row's text, ignoring case and accents."
    )
    type: EntryType | None = None
    account: Slug | None = None
    min: _Bound | None = Field(
        None, description="The smallest amount that matches, without its sign, in any currency."
    )
    max: (
        Annotated[Decimal, PlainValidator(_maximum, json_schema_input_type=AmountSchema)] | None
    ) = Field(None, description="The largest amount that matches; at least `min`.")


class ThenBody(RequestBody):
    """What the row then gets, if it has none yet."""

    category: Slug


class RuleBody(RequestBody):
    """A rule for rows of bank files."""

    order: Annotated[int, PlainValidator(_order, json_schema_input_type=_Order)] = Field(
        description="Of the rules that match a row, the one of the lowest order wins, then the "
        "one whose name comes first."
    )
    when: WhenBody
    then: ThenBody


class WhenResponse(TypedDict):
    """What a row must be; null matches every row."""

    text: _Text | None
    type: Literal["credit", "debit"] | None
    account: SlugSchema | None
    min: AmountSchema | None
    max: AmountSchema | None


class ThenResponse(TypedDict):
    """What the row then gets."""

    category: SlugSchema


class RuleResponse(TypedDict):
    """A rule for rows of bank files."""

    name: NameSchema
    order: _Order
    when: WhenResponse
    then: ThenResponse


class RulesResponse(TypedDict):
    """A page of rules."""

    items: list[RuleResponse]
    next_cursor: str | None


@endpoint(
    scope=WRITE,
    body=RuleBody,
    responses=[ResponseSpec(200, RuleResponse, "Set, now or earlier.")],
    raises=[ValidationError, LedgerUnavailableError],
    description=f"Rules apply only to rows of bank files. A merchant has at most {MOST_RULES}.",
)
def put_rule(request: ApiRequest[None, RuleBody], name: str) -> Response:
    """Set a rule, in place of an earlier one of that name."""
    when = request.body.when
    new = Rule(
        name=name,
        order=request.body.order,
        category=request.body.then.category,
        text=when.text,
        type=when.type,
        account=when.account,
        minimum=when.min,
        maximum=when.max,
    )
    rule_settings.put_rule(merchant_settings(), request.principal.merchant_id, new)
    return Response(200, _response(new))


@endpoint(
    scope=WRITE,
    responses=[ResponseSpec(204, None, "Deleted, now or earlier.")],
    raises=[LedgerUnavailableError],
)
def delete_rule(request: ApiRequest[None, None], name: str) -> Response:
    """Delete a rule, if it exists."""
    rule_settings.delete_rule(merchant_settings(), request.principal.merchant_id, name)
    return Response(204)


@endpoint(
    scope=READ,
    query=SettingListQuery,
    etag=True,
    responses=[
        ResponseSpec(200, RulesResponse, "A page, by order and then name.", headers=("Link",))
    ],
    raises=[LedgerUnavailableError],
)
def list_rules(request: ApiRequest[SettingListQuery, None]) -> Response:
    """List rules, in the order in which they are tried."""
    stored = merchant_settings().setting(request.principal.merchant_id, rule_settings.RULES)
    listed = [
        Listed((f"{each.order:0{len(str(LARGEST_ORDER))}}", each.name), _response(each))
        for each in rule_settings.rules_of(stored)
    ]
    return respond_with_page(request, rule_settings.RULES, stored, listed)


def _response(rule: Rule) -> RuleResponse:
    return {
        "name": rule.name,
        "order": rule.order,
        "when": {
            "text": rule.text,
            "type": rule.type,
            "account": rule.account,
            "min": None if rule.minimum is None else str(rule.minimum),
            "max": None if rule.maximum is None else str(rule.maximum),
        },
        "then": {"category": rule.category},
    }
