"""Numbers of accounts in bank files: slugs, shortened where they are long."""

import pytest

from chalicelib.ledger.account_numbers import account_number
from chalicelib.ledger.text import is_slug


@pytest.mark.parametrize(
    ("slug", "number"),
    [
        ("main", "main"),
        ("caixa-da-filial-centro", "caixa-da-filial-centro"),
        ("caixa-da-filial-centro-2", "caixa-da-fili.dbe3c365"),
        ("caixa-da-filial-do-centro-de-campinas-01", "caixa-da-fili.c9fa86d6"),
    ],
)
def test_long_slugs_are_shortened(slug: str, number: str) -> None:
    assert account_number(slug) == number
    assert len(number) <= 22 and is_slug(number) == (number == slug)
