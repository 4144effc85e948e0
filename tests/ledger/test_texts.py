"""Texts: trimmed, NFC, of a bounded length, without what nobody can see."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.text import clean_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Venda balcão", "Venda balcão"),
        ("  Venda \u00a0", "Venda"),
        ("balca\u0303o", "balcão"),
        ("", ""),
        ("   ", ""),
        ("pão 🍞", "pão 🍞"),
        ("x" * 200, "x" * 200),
        ("a\u0303" * 200, "ã" * 200),
    ],
)
def test_a_text_is_trimmed_and_in_normal_form(text: str, cleaned: str) -> None:
    assert clean_text(text, "description", 200) == cleaned


@given(st.text(max_size=60), st.integers(0, 30), st.integers(0, 3))
def test_a_clean_text_is_what_the_rules_say(text: str, longest: int, shortest: int) -> None:
    hidden = any(unicodedata.category(one) in {"Cc", "Cs"} for one in text)
    plain = unicodedata.normalize("NFC", text.strip())
    try:
        cleaned = clean_text(text, "reason", longest, shortest)
    except ValidationError as refusal:
        assert [fault.field for fault in refusal.field_errors] == ["reason"]
        assert hidden or not shortest <= len(plain) <= longest
    else:
        assert not hidden
        assert cleaned == plain == clean_text(cleaned, "reason", longest, shortest)


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\nb", "tab\t", "\x7f", "\x85", "\x9f", "\ud800", "\udfff", "\r\n"]
)
def test_what_nobody_can_see_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        clean_text(text, "description", 200)


@pytest.mark.parametrize(
    ("text", "shortest"), [("x" * 201, 0), ("", 1), ("   ", 1), ("x" * 10**6, 0)]
)
def test_a_text_too_long_or_too_short_is_refused(text: str, shortest: int) -> None:
    with pytest.raises(ValidationError, match=f"{shortest} to 200"):
        clean_text(text, "reason", 200, shortest)


@pytest.mark.parametrize("character", [chr(point) for point in (0x1F82, 0x0390, 0xAC01, 0x01D5)])
def test_the_most_composed_characters_still_count_as_one(character: str) -> None:
    apart = unicodedata.normalize("NFD", character)
    assert len(apart) >= 3
    assert clean_text(apart * 200, "description", 200) == character * 200
