"""Rules that give rows of bank files a category: the first one that matches a row wins."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.entries import EntryType
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.money import MAX_DIGITS
from chalicelib.ledger.text import DESCRIPTION_LENGTH, clean_text, searchable

MOST_RULES = 200
LARGEST_ORDER = 999_999
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,4}))?", re.ASCII)


class Rule(NamedTuple):
    """A rule: what a row must be, None for anything, and the category that it then gets.

    `minimum` and `maximum` are inclusive, and compared with the unsigned amount in the currency of
    the row, whichever that is.
    """

    name: str
    order: int
    category: str
    text: str | None = None
    type: EntryType | None = None
    account: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


class RowFacts(NamedTuple):
    """What rules compare: a row's text, and the entry that it would become."""

    text: str
    type: EntryType
    account: str
    amount_minor: int
    currency: str


def matcher(rules: Iterable[Rule]) -> Callable[[RowFacts], Rule | None]:
    """Return the function from a row to its rule: the first by order, then name; None without one.

    A text is found anywhere in the row's text, ignoring case and accents (`searchable`). Make the
    function once for many rows, because it prepares the rules.
    """
    in_order = sorted(rules, key=lambda rule: (rule.order, rule.name))
    prepared = [(searchable(rule.text or ""), rule) for rule in in_order]

    def first_match(row: RowFacts) -> Rule | None:
        # Most rules are excluded by their text, so only the others are looked at more closely.
        text = searchable(row.text)
        candidates = (rule for part, rule in prepared if part in text)
        return next((rule for rule in candidates if _matches(rule, row)), None)

    return first_match


def parse_rule_text(text: str) -> str:
    """Return the text of a rule, trimmed and in NFC; raise ValidationError if it breaks a rule."""
    cleaned = clean_text(text, "text", DESCRIPTION_LENGTH, shortest=1)
    if not searchable(cleaned):  # only accents, which every text would contain
        raise _error("text", "must contain a letter, a digit or a sign to search for")
    return cleaned


def parse_bound(text: str) -> Decimal:
    """Return a smallest or largest amount, a decimal string of any currency.

    Raises ValidationError for other text, for zero and for more than 15 digits.
    """
    match = _DECIMAL.fullmatch(text)
    if not match or len(match[1] + (match[2] or "")) > MAX_DIGITS or not Decimal(text):
        raise _error("amount", 'must be a plain decimal string above zero, such as "150.75"')
    return Decimal(text)


def _matches(rule: Rule, row: RowFacts) -> bool:
    return (
        rule.type in (None, row.type)
        and rule.account in (None, row.account)
        and _is_within(rule, row)
    )


def _is_within(rule: Rule, row: RowFacts) -> bool:
    if rule.minimum is None and rule.maximum is None:
        return True
    amount = Decimal(row.amount_minor).scaleb(-MINOR_DIGITS[row.currency])
    at_least = rule.minimum is None or amount >= rule.minimum
    return at_least and (rule.maximum is None or amount <= rule.maximum)


def _error(field: str, message: str) -> ValidationError:
    return ValidationError(f"{field} {message}.", [FieldError(field, message)])
