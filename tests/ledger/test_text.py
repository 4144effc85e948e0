"""Texts are trimmed, NFC and bounded; slugs are ASCII; searching ignores case and accents."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.text import clean_text, is_slug, parse_slug, searchable
from verification.kit.strategies import slugs


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Venda balcão \u00a0", "Venda balcão"),
        ("balca\u0303o", "balcão"),
        ("   ", ""),
        ("\n\tPão\r\n\x85\x1c", "Pão"),
        ("pão 🍞", "pão 🍞"),
        ("a\u0303" * 200, "ã" * 200),
        *((unicodedata.normalize("NFD", letter) * 200, letter * 200) for letter in "ᾂΐ각Ǖ"),
    ],
)
def test_text_is_trimmed_and_normalised(text: str, cleaned: str) -> None:
    assert clean_text(text, "description", 200) == cleaned


@given(st.text(max_size=60), st.integers(0, 30), st.integers(0, 3))
def test_any_text_is_cleaned_or_refused(text: str, longest: int, shortest: int) -> None:
    hidden = any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text.strip())
    plain = unicodedata.normalize("NFC", text.strip())
    try:
        cleaned = clean_text(text, "reason", longest, shortest)
    except ValidationError as error:
        assert [field_error.field for field_error in error.field_errors] == ["reason"]
        assert hidden or not shortest <= len(plain) <= longest
    else:
        assert not hidden
        assert cleaned == plain == clean_text(cleaned, "reason", longest, shortest)


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\nb", "a\tb", "\x7f", "a\x85b", "\x9f", "\ud800", "\udfff", "a\n\x00"]
)
def test_control_characters_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        clean_text(text, "description", 200)


@pytest.mark.parametrize(("text", "shortest"), [("x" * 201, 0), ("", 1), ("   ", 1)])
def test_too_long_or_short_text_is_refused(text: str, shortest: int) -> None:
    with pytest.raises(ValidationError, match=f"{shortest} to 200"):
        clean_text(text, "reason", 200, shortest)


@given(slugs)
@example("main")
def test_slug_is_returned_unchanged(text: str) -> None:
    assert is_slug(text)
    assert parse_slug(text, "account") == text


@pytest.mark.parametrize(
    "text",
    ["", "a" * 41, "Main", "caixa 1", "conta_1", "ação", "main\n", "\nmain", "ａ", "٣", "a/b"],
)
def test_invalid_slug_names_the_field(text: str) -> None:
    assert not is_slug(text)
    with pytest.raises(ValidationError) as error:
        parse_slug(text, "category")
    assert [field_error.field for field_error in error.value.field_errors] == ["category"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("Pão Francês", "PAO FRANCES"), ("balcão", "balca\u0303o"), ("AÇÚCAR", "acucar")),
        *(("Straße", "STRASSE"), ("oﬃce", "office"), ("ﾃﾞｰﾀ", "データ")),
        *(("Ma\u200bria", "Maria"), ("\ufeffM\u00adar\u2060ia\u202c", "maria"), ("☕\ufe0f", "☕")),
    ],
)
def test_case_and_accents_do_not_matter(first: str, second: str) -> None:
    assert searchable(first) == searchable(second)


@pytest.mark.parametrize(
    ("first", "second"), [("pao", "pau"), ("100%", "100_"), ("ø", "o"), ("", " ")]
)
def test_different_texts_stay_different(first: str, second: str) -> None:
    assert searchable(first) != searchable(second)


@given(st.text(), st.text())
def test_part_is_found_in_the_whole(part: str, rest: str) -> None:
    assert searchable(part + rest) == searchable(part) + searchable(rest)
    assert searchable(searchable(part)) == searchable(part)


@given(st.text(st.characters(codec="ascii")))
def test_ascii_text_is_only_lowercased(text: str) -> None:
    assert searchable(text) == searchable(text + "\u0301") == text.lower()
