"""What is found by what: capitals, accents and ligatures make no difference, all else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.text import searchable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pão Francês", "PAO FRANCES"),
        ("balcão", "balca\u0303o"),
        ("AÇÚCAR", "acucar"),
        ("Straße", "STRASSE"),
        ("oﬃce", "office"),
        ("ﾃﾞｰﾀ", "データ"),
    ],
)
def test_texts_that_people_read_alike_are_found_alike(one: str, other: str) -> None:
    assert searchable(one) == searchable(other)


@pytest.mark.parametrize(
    ("one", "other"), [("pao", "pau"), ("100%", "100_"), ("ø", "o"), ("", " ")]
)
def test_other_texts_are_not(one: str, other: str) -> None:
    assert searchable(one) != searchable(other)


@given(st.text(), st.text())
def test_a_part_is_found_in_its_whole(part: str, rest: str) -> None:
    assert searchable(part + rest) == searchable(part) + searchable(rest)


@given(st.text())
def test_what_is_searchable_stays_as_it_is(text: str) -> None:
    assert searchable(searchable(text)) == searchable(text)


@given(st.text(st.characters(codec="ascii")))
def test_without_an_accent_only_capitals_are_folded(text: str) -> None:
    assert searchable(text) == searchable(text + "\u0301") == text.lower()
