"""Slugs: 1 to 40 of a-z, 0-9 and hyphen, and nothing that only looks so."""

import pytest
from hypothesis import given

from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.text import is_slug, parse_slug
from verification.kit.strategies import slugs


@given(slugs)
def test_a_slug_is_itself(text: str) -> None:
    assert parse_slug(text, "account") == text


def test_the_default_account_is_a_slug() -> None:
    assert is_slug("main")


@pytest.mark.parametrize(
    "text",
    ["", "a" * 41, "Main", "caixa 1", "conta_1", "ação", "main\n", "\nmain", "ａ", "٣", "a/b"],
)
def test_what_is_no_slug_is_refused_by_the_fields_name(text: str) -> None:
    assert not is_slug(text)
    with pytest.raises(ValidationError) as refusal:
        parse_slug(text, "category")
    assert [fault.field for fault in refusal.value.field_errors] == ["category"]
