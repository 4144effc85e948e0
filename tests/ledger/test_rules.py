"""Rules for rows of bank files: what they match, and which of several wins."""

from decimal import Decimal

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.rules import RowFacts, Rule, matcher, parse_bound, parse_rule_text

ROW = RowFacts("PAGTO Energisá S/A 11/2026", "debit", "bb", 15075, "BRL")


def winner(*rules: Rule, row: RowFacts = ROW) -> str | None:
    match = matcher(rules)(row)
    return match and match.name


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"text": "energisa"},
        {"text": "ENERGISÁ s/a"},
        {"type": "debit"},
        {"account": "bb"},
        {"minimum": Decimal("150.75")},
        {"maximum": Decimal("150.75")},
        {"minimum": Decimal(150), "maximum": Decimal("150.7500")},
        {"text": "pagto", "type": "debit", "account": "bb", "maximum": Decimal(200)},
    ],
)
def test_row_meets_the_conditions_of_a_rule(conditions: dict[str, object]) -> None:
    assert winner(Rule("one", 1, "energy", **conditions)) == "one"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "conditions",
    [
        {"text": "energi.a"},
        {"text": "energisa s a"},
        {"type": "credit"},
        {"account": "main"},
        {"minimum": Decimal("150.76")},
        {"maximum": Decimal("150.74")},
        {"text": "energisa", "type": "credit"},
    ],
)
def test_row_fails_a_condition_of_a_rule(conditions: dict[str, object]) -> None:
    assert winner(Rule("one", 1, "energy", **conditions)) is None  # type: ignore[arg-type]


def test_bounds_are_amounts_in_the_rows_currency() -> None:
    rule = Rule("one", 1, "energy", minimum=Decimal(1500), maximum=Decimal("1500.00"))
    for amount_minor, currency in ((1500, "JPY"), (150_000, "BRL"), (1_500_000, "BHD")):
        row = ROW._replace(amount_minor=amount_minor, currency=currency)
        assert winner(rule, row=row) == "one"
        assert winner(rule, row=row._replace(amount_minor=amount_minor + 1)) is None


def test_lowest_order_and_then_first_name_wins() -> None:
    rules = [Rule("b", 2, "x"), Rule("a", 10, "x"), Rule("c", 2, "x"), Rule("d", 1, "x", "no")]
    assert winner(*rules) == "b"
    assert winner(*reversed(rules)) == "b"
    assert winner() is None


@pytest.mark.parametrize("text", ["0", "0.00", "1,50", "-1", "1e3", "01", "1.", ".5", "1" * 16, ""])
def test_bound_must_be_a_plain_amount(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_bound(text)


def test_bound_keeps_its_decimals() -> None:
    assert [str(parse_bound(text)) for text in ("1500", "150.75", "0.0001")] == [
        "1500", "150.75", "0.0001",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "  ", "\u0301", "a\x00b", "x" * 201])
def test_rule_text_must_say_something(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_rule_text(text)
