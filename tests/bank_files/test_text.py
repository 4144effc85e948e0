"""Texts of bank files: collapsed, joined, and recognized as instalments and ids."""

import pytest

from chalicelib.bank_files.text import (
    bank_id_of,
    collapse,
    fold,
    instalment_in,
    join,
    quoted,
)


def test_texts_are_collapsed_and_folded() -> None:
    assert collapse(" Pão\u00a0 com\n\x00cafe\u0301 ") == "Pão com café"
    assert fold(" N° do  Documento ") == fold("nº DO documento") == "no do documento"
    assert quoted("a" * 41) == f"“{'a' * 40}…”"


def test_repeated_fields_are_joined_once() -> None:
    assert join(["Pix", "", "PIX", "Ana"]) == "Pix Ana"


@pytest.mark.parametrize(
    ("text", "instalment"),
    [("Parcela 3/10", "3/10"), ("Única", None), ("05/10/2026", None), ("Compra à vista", None)],
)
def test_instalment_is_part_of_a_text(text: str, instalment: str | None) -> None:
    assert instalment_in(text) == instalment


@pytest.mark.parametrize(
    ("text", "bank_id"), [(" 0012 ", "0012"), ("0", None), ("000000", None), (" ", None)]
)
def test_zeros_are_no_bank_id(text: str, bank_id: str | None) -> None:
    assert bank_id_of(text) == bank_id
