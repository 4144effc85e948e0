"""Names and documents of merchants: what the terms of a cash book can show."""

from collections.abc import Callable

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.merchants import parse_document, parse_name, parse_town


@pytest.mark.parametrize("parse", [parse_name, parse_town])
@pytest.mark.parametrize("text", ["\u200b", "\u200b \u2060", "Padaria\u202egnp", "\u2066Campinas"])
def test_names_are_visible_as_written(parse: Callable[[str], str], text: str) -> None:
    with pytest.raises(ValidationError, match=r"displayed|bidirectional"):
        parse(text)
    assert parse(" Sa\u0303o\u200b João ") == "São\u200b João"


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        (" 12 ABC 345 01DE\u00a035 ", "12ABC34501DE35"),
        ("529 982 247-25", "52998224725"),
    ],
)
def test_documents_are_in_capitals_without_spaces(text: str, document: str) -> None:
    assert parse_document(text) == document


@pytest.mark.parametrize("text", ["12.ABC.345/01DE-36", "12ıBC34501DE35", "111.111.111-11", " "])
def test_wrong_documents_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="check digits"):
        parse_document(text)
