"""Presets: each reads its own sample without being named, and the quirks of its bank."""

from datetime import date

import pytest

from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.bank_files.errors import BankFileError
from chalicelib.bank_files.presets import PRESETS, layouts_of
from chalicelib.bank_files.reader import read
from tests.bank_files.examples import CALENDAR

SAMPLES = {
    "nubank-account": -1850,
    "inter-account": 150000,
    "itau-account": -5000,
    "bradesco-account": 160000,
    "banco-do-brasil-account": 12050,
    "caixa-account": 8550,
    "santander-account": -4705,
    "c6-account": 30000,
    "mercado-pago-account": 109,
    "stone-account": 4478,
    "nubank-card": -1850,
    "inter-card": -16650,
    "c6-card": -18990,
}


def statements(text: str, preset: str | None = None) -> list[BankStatement]:
    bank_file = read(text.encode("cp1252"), CALENDAR, preset)
    assert preset in (None, bank_file.preset)
    return list(bank_file.statements)


@pytest.mark.parametrize("name", PRESETS)
def test_sample_is_recognized_by_its_header(name: str) -> None:
    bank_file = read(PRESETS[name]().sample.encode(), CALENDAR)
    assert bank_file.preset == name
    assert [row.amount_minor for row in bank_file.statements[0].rows] == [SAMPLES[name]]
    assert bank_file.statements[0].rows[0].day == date(2026, 10, 5)


def test_header_of_two_presets_is_refused() -> None:
    text = (
        "Data;Valor;Identificador;Descrição;Data Lançamento\n05/10/2026;85,50;a-1;PIX;06/10/2026\n"
    )
    with pytest.raises(BankFileError, match="fits the presets nubank-account and inter-account; s"):
        read(text.encode(), CALENDAR)
    assert statements(text, "inter-account")[0].rows[0].day == date(2026, 10, 6)


@pytest.mark.parametrize("name", PRESETS)
def test_docstring_names_a_public_source(name: str) -> None:
    source = (PRESETS[name].__doc__ or "").partition("Source")[2]
    assert "/" in source and len(layouts_of(name)) >= 1


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "Data Lançamento;Descrição;Valor;Saldo",
            '05/10/2026;Pix: "Cp :1-X";-16.000,00;-15.900,00',
            (-1600000, 'Pix: "Cp :1-X"'),
        ),
        (
            "DATA LANÇAMENTO;HISTÓRICO;VALOR;SALDO",
            "05/10/2026;PAGTO;- R$ 34,04; R$ 1,00",
            (-3404, "PAGTO"),
        ),
        ("date,title,amount", '2026-10-05,Ajuste a crédito,"- 53,81"', (5381, "Ajuste a crédito")),
        ("date,title,amount", "2026-10-05,Loja - Parcela 1/3,53.81", (-5381, "Loja - Parcela 1/3")),
        ("date,category,title,amount", "2026-10-05,casa,Loja,53.81", (-5381, "Loja")),
        (
            "Data,Lançamento,Categoria,Tipo,Valor",
            '05/10/2026,LOJA,OUTROS,Compra à vista,"-R$ 318,19"',
            (31819, "LOJA"),
        ),
        (
            "Data,Lançamento,Detalhes,N° documento,Valor,Tipo Lançamento",
            '05/10/2026,Pix,Ana,1,"10,00",Saída',
            (-1000, "Pix Ana"),
        ),
        (
            "Data,Dependencia Origem,Histórico,Data do Balancete,Número do documento,Valor,",
            "05/10/2026,1234-5,Pix,05/10/2026,1,-164.48,",
            (-16448, "Pix"),
        ),
        (
            "Conta;Data_Mov;Nr_Doc;Historico;Valor;Deb_Cred",
            '0999;20261005;1;PIX;"1.060,00";D',
            (-106000, "PIX"),
        ),
    ],
)
def test_layouts_of_other_years_are_read(header: str, row: str, expected: tuple[int, str]) -> None:
    (statement,) = statements(f"{header}\n{row}\n")
    assert [(each.amount_minor, each.description) for each in statement.rows] == [expected]


@pytest.mark.parametrize(
    "header",
    [
        "date,title,amount,notes",
        "Data,Lançamento,Categoria,Tipo,Valor,Conta",
        "data,lançamento,valor",
    ],
)
def test_common_names_are_not_taken_for_a_bank(header: str) -> None:
    with pytest.raises(BankFileError, match="send a mapping of the columns"):
        statements(f"{header}\n2026-10-05,a,1.00{',' * (header.count(',') - 2)}")


def test_second_section_of_bradesco_repeats_rows() -> None:
    header = "Data;Histórico;Docto.;Crédito (R$);Débito (R$);Saldo (R$)"
    (statement,) = statements(
        f"Extrato de: Ag: 999 | Conta: 12345-6;;\n{header}\n"
        "30/09/2026;COD. LANC. 0;0;0,00; ;10,00\n05/10/2026;SAQUE;7; ;2,00;8,00\n"
        "05/10/2026;SAQUE;7; ;2,00;6,00\nTotal;;;0,00;4,00;6,00\n;;;;;\nÚltimos Lançamentos;;\n"
        f"{header}\n05/10/2026;SAQUE;7; ;2,00;6,00\n06/10/2026;PIX;8;1,00; ;7,00\nFim;;;;;\n"
    )
    assert [row.reason or row.outcome for row in statement.rows] == [
        *("balance", "created", "created", "total", "heading", "header again"),
        *("the same row is above, with the same balance", "created", "footer"),
    ]
    assert (statement.number, statement.opening_minor, statement.closing_minor) == (
        *("999/12345-6", 1000),
        700,
    )


def test_itau_rows_still_to_come_are_refused() -> None:
    (statement,) = statements(
        "Logotipo Itaú;;;;;\nAgência:;6893 ;;;;\nConta:;22734-5;;;;\n;;;;;\n"
        "data;lançamento;ag./origem;valor (R$);saldos (R$);\nlançamentos;;;;;\n"
        "30/09/2026;SALDO ANTERIOR;;;10,00;\n05/10/2026;PIX FUTURO;;-4,00;;\n"
        "05/10/2026;SALDO TOTAL DISPONÍVEL DIA;;;6,00;\nlançamentos futuros;;;;;\n"
        "saídas futuras;;;;;\n07/10/2026;IOF;;-9,75;;\n"
    )
    assert [row.outcome for row in statement.rows if row.amount_minor] == ["created", "refused"]
    assert statement.rows[-1].reason == "the bank lists it as still to come"
    assert (statement.number, statement.opening_minor, statement.closing_minor) == (
        *("6893/22734-5", 1000),
        600,
    )


def test_banco_do_brasil_piece_needs_its_order() -> None:
    header = "Data,Dependencia Origem,Histórico,Data do Balancete,Número do documento,Valor,"
    first, second = "10/05/2026,,Pix,,1,-10.00,", "10/25/2026,,Pix,,2,-20.00,"
    (whole,) = statements(f"{header}\n{first}\n{second}\n")
    assert [row.day for row in whole.rows] == [date(2026, 10, 5), date(2026, 10, 25)]
    (piece,) = statements(f"{header}\n{first}\n11/11/2026,,Pix,,3,-5.00,\n")
    assert [(row.outcome, row.day) for row in piece.rows] == [
        ("refused", None),
        ("created", date(2026, 11, 11)),
    ]
    assert piece.rows[0].reason == (
        "the day “10/05/2026” may have its day or its month first, which no row of the file shows: "
        "export the whole month, or send a mapping with the order of dates"
    )


def test_banco_do_brasil_with_comma_is_day_first() -> None:
    header = "Data,Dependencia Origem,Histórico,Data do Balancete,Número do documento,Valor,"
    (statement,) = statements(f'{header}\n10/05/2026,,Pix,,1,"-10,00",\n')
    assert [(row.outcome, row.day) for row in statement.rows] == [("created", date(2026, 5, 10))]


def test_itau_balances_of_the_account_are_used() -> None:
    (plain,) = statements(
        "05/10/2026;SDO CTA ANT;1000,00\n06/10/2026;PIX TRANSF;-50,00\n"
        "06/10/2026;SDO CTA/APL AUTOMATICAS;950,00\n06/10/2026;(-) SALDO A LIBERAR;0,00\n",
        "itau-account",
    )
    (headed,) = statements(
        "data;lançamento;ag./origem;valor (R$);saldos (R$)\n05/10/2026;SDO CTA ANT;;;1.000,00\n"
        "06/10/2026;PIX TRANSF;;-50,00;\n06/10/2026;SDO CTA/APL AUTOMATICAS;;;950,00\n"
        "06/10/2026;(-) SALDO A LIBERAR;;;0,00\n"
    )
    for statement in (plain, headed):
        assert (statement.opening_minor, statement.closing_minor) == (100000, 95000)
        assert [(row.reason, row.balance_minor) for row in statement.rows] == [
            ("balance", 100000),
            (None, None),
            ("balance", 95000),
            ("balance", None),
        ]


def test_itau_file_without_header_needs_its_name() -> None:
    text = "05/10/2026;PIX TRANSF;-10,00\n06/10/2026;TED;1.000,00\n"
    (statement,) = statements(text, "itau-account")
    assert [row.amount_minor for row in statement.rows] == [-1000, 100000]


def test_balance_of_the_day_proves_no_reprint() -> None:
    first_day = "05/10/2026,05/10/2026,PGTO,,0.00,5.00,15.00\n05/10/2026,,PIX,,1.00,0.00,15.00\n"
    rows = first_day + ("06/10/2026,06/10/2026,Pix,PIX,0.00,5.00,5.00\n" * 2)
    header = PRESETS["c6-account"]().sample.partition("\n")[0]
    (statement,) = statements(f"Agência: 1 / Conta: 100\n\n{header}\n{rows}")
    assert [row.outcome for row in statement.rows] == ["created"] * 4
    assert (statement.number, statement.opening_minor, statement.closing_minor) == (
        *("1/100", 1900),
        500,
    )


def test_cards_of_c6_are_statements_each() -> None:
    header = PRESETS["c6-card"]().sample.partition("\n")[0]
    read_statements = statements(
        f"{header}\n05/10/2026;A;1111;-;CLOUD;Única;20,00;5,61;112,20\n"
        "05/10/2026;B;2222;-;Inclusao de Pagamento;Única;0;0;-10,00\n"
    )
    assert [each.number for each in read_statements] == ["1111", "2222"]
    rows = [row for each in read_statements for row in each.rows]
    assert [(row.amount_minor, row.instalment, row.foreign) for row in rows] == [
        (-11220, None, "USD 20.00 at 5.61"),
        (1000, None, None),
    ]


def test_mercado_pago_states_its_balances_above() -> None:
    header, row = PRESETS["mercado-pago-account"]().sample.split("\n")
    (statement,) = statements(
        "INITIAL_BALANCE;CREDITS;DEBITS;FINAL_BALANCE\n1.417,73;1,09;0,00;1.418,82\n\n"
        f"{header}\n{row}"
    )
    assert (statement.opening_minor, statement.closing_minor) == (141773, 141882)
    assert statement.closing_day == date(2026, 10, 5)


def test_cancelled_rows_of_stone_are_refused() -> None:
    header, row = PRESETS["stone-account"]().sample.split("\n")
    unchanged = row.replace("84,87", "40,09")
    (statement,) = statements(
        f"{header}\n{row}\n{row.replace('FINISHED', 'Cancelado')}\n{unchanged}"
    )
    assert [each.reason for each in statement.rows] == [
        None,
        "Situação is “Cancelado”",
        "the amount is zero",
    ]
