"""Texts of balance rows as banks write them, and of movements that only mention a balance."""

import pytest

from chalicelib.bank_files.balance_texts import begins_as_balance, is_balance, is_of_the_account


@pytest.mark.parametrize(
    "text",
    [
        *("SALDO", "Saldo", "SALDO ANTERIOR", " S A L D O", "S A L D O ANTERIOR"),
        *("S A L D O   A N T E R I O R", "Saldo do dia", "SALDO DIA", "SALDO FINAL DISPONIVEL"),
        *("SALDO TOTAL DISPONÍVEL DIA", "SALDO EM C/C", "SALDO EM 30/09/2026", "SALDO PARCIAL"),
        *("SALDO EM CONTA CORRENTE", "Saldo em 30 de setembro de 2026", "SALDO A TRANSPORTAR"),
        *("SDO CTA/APL AUTOMATICAS", "SDO CTA ANT", "000000 SALDO DIA", "(-) SALDO A LIBERAR"),
        *("*** SALDO DO DIA ***", "Sdo anterior", "(=) SALDO", "SALDO: R$ 1.000,00 C", "SLD ANT"),
        *("COD. LANC. 0", "COD.LANC.0", "SALDO DISPONÍVEL PARA SAQUE", "SALDO BLOQUEADO"),
        *("SALDO APLIC AUT MAIS", "SALDO INVEST FACIL", "SALDO DEVEDOR", "30/09 SALDO ANTERIOR"),
    ],
)
def test_balance_texts_are_recognized(text: str) -> None:
    assert is_balance(text)


@pytest.mark.parametrize(
    "text",
    [
        *("SALDOTTI PADARIA", "SALDANHA MOVEIS", "SDOX", "PIX SALDO", "COD. LANC. 01"),
        *("SALDO DEVEDOR PAGTO", "PAGTO SALDO FATURA", "SALDO PIX JOAO", "SALDO DE SALARIO"),
        *("TRANSFERENCIA DE SALDO PARA POUPANCA", "Compra no débito - Posto Saldo Bom"),
        *("SALDO SAQUE", "SALDO TOTAL LTDA", "SALDO FATURA", "REND PAGO APLIC AUT MAIS", ""),
        f"SALDO {'ANTERIOR ' * 20}",
    ],
)
def test_movements_are_no_balances(text: str) -> None:
    assert not is_balance(text)


def test_first_field_alone_may_be_the_balance() -> None:
    assert is_balance("SALDO DO DIA Agência Centro", ("SALDO DO DIA", "Agência Centro"))
    assert is_balance("SALDO ANTERIOR Ana", ("", "SALDO ANTERIOR", "Ana"))
    assert not is_balance("SALDO Fatura", ("SALDO", "Fatura"))
    assert not is_balance("SALDO DEVEDOR PAGTO", ("SALDO DEVEDOR PAGTO",))


def test_text_begins_as_a_balance() -> None:
    assert begins_as_balance("SALDO DEVEDOR PAGTO") and begins_as_balance("(-) Sdo Ana")
    assert not begins_as_balance("PAGTO SALDO") and not begins_as_balance("SALDOTTI")


@pytest.mark.parametrize(
    ("text", "is_account"),
    [
        *(("SALDO DO DIA", True), ("SDO CTA/APL AUTOMATICAS", True), ("SALDO DISPONIVEL", True)),
        *(("SALDO A LIBERAR", False), ("SALDO BLOQUEADO", False), ("SALDO + LIMITE", False)),
        *(("SALDO APLIC AUT MAIS", False), ("SALDO POUPANÇA", False), ("COD. LANC. 0", True)),
    ],
)
def test_parts_are_not_the_accounts_balance(text: str, is_account: bool) -> None:
    assert is_of_the_account(text) == is_account
