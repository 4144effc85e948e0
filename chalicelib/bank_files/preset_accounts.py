"""Presets for current accounts; the sources are public repositories on GitHub, by their owners."""

from chalicelib.bank_files.csv_layout import ColumnMapping, Layout
from chalicelib.bank_files.preset import Preset, header


def nubank() -> Preset:
    """Nubank, account: signed amounts with a point; the id is a UUID that a refund repeats.

    Source: BrunoBlanck/HomeFinance, backend/internal/importer/nubank/testdata/
    nubank_checking_v1.csv (2026).
    """
    mapping = ColumnMapping(
        day="Data", description=("Descrição",), amount="Valor", bank_id="Identificador"
    )
    return Preset(
        "Nubank, conta",
        (Layout(mapping, header("Data;Valor;Identificador;Descrição")),),
        "Data,Valor,Identificador,Descrição\n"
        "05/10/2026,-18.50,00000000-0000-4000-8000-000000000001,Compra no débito - Padaria",
    )


def inter() -> Preset:
    """Inter, account: four lines above the header, and the running balance of every row.

    Sources: BrunoBlanck/HomeFinance, backend/internal/importer/inter/testdata/
    inter_checking_v1.csv (2026, `Histórico` and `Descrição`); davilucas156/app-financeiro-2.0,
    references/formatos-de-extrato.md (2026, `Descrição` alone, with quotation marks inside);
    marcoantoniosouza/extratoBancoInter, Arquivo.py (2020, `Histórico` alone, `R$`).
    """
    layouts = []
    for texts in (("Histórico", "Descrição"), ("Descrição",), ("Histórico",)):
        mapping = ColumnMapping(
            day="Data Lançamento", description=texts, amount="Valor", balance="Saldo"
        )
        layouts.append(Layout(mapping, ("Data Lançamento", *texts, "Valor")))
    return Preset(
        "Inter, conta",
        tuple(layouts),
        "Data Lançamento;Histórico;Descrição;Valor;Saldo\n"
        "05/10/2026;Pix recebido;Feira Livre;1.500,00;2.500,00",
    )


def itau() -> Preset:
    """Itaú, account: balances in separate rows, and a part with movements still to come.

    Sources: pbassut/f3-binance-p2p-importer, sample-csv/itau-sample.csv (2025);
    firefly-iii/import-configurations, br/itau/default.json (2022: day, text and amount, no header).
    """
    mapping = ColumnMapping(
        day="data",
        description=("lançamento",),
        amount="valor (R$)",
        balance="saldos (R$)",
    )
    plain = ColumnMapping(day="data", description=("lançamento",), amount="valor", decimal=",")
    columns = header("data;lançamento;ag./origem;valor (R$);saldos (R$)")
    return Preset(
        "Itaú, conta",
        (Layout(mapping, columns), Layout(plain, plain.columns, headerless=True)),
        "data;lançamento;ag./origem;valor (R$);saldos (R$)\n05/10/2026;PIX TRANSF;;-50,00;",
    )


def bradesco() -> Preset:
    """Bradesco, account: a credit and a debit column, a total, and the last movements once more.

    Source: heitorpolidoro/cash_lens, lib/cash_lens/parsers/format_detector.ex and
    test/cash_lens/parsers/csv_parser_test.exs (2026).
    """
    mapping = ColumnMapping(
        day="Data",
        description=("Histórico",),
        credit="Crédito (R$)",
        debit="Débito (R$)",
        bank_id="Docto.",
        balance="Saldo (R$)",
    )
    columns = header("Data;Histórico;Docto.;Crédito (R$);Débito (R$);Saldo (R$)")
    return Preset(
        "Bradesco, conta",
        (Layout(mapping, columns),),
        "Data;Histórico;Docto.;Crédito (R$);Débito (R$);Saldo (R$)\n"
        "05/10/2026;PIX RECEBIDO;1918162;1.600,00;;2.748,06",
    )


def banco_do_brasil() -> Preset:
    """Banco do Brasil, account: balances as rows, with commas or, earlier, points.

    The day is that of the movement, not of the balancete. Some exports with points have the month
    first. A piece of one whose days do not show it is not taken for either: its rows are refused.

    Sources: JhusNeto/rav4-finance-control, CHANGELOG.md (2025, `Lançamento` and `Detalhes`);
    jusmendonca/Finance-Tools, tests/ler_extratoBB_csv.R, and heitorpolidoro/cash_lens,
    lib/cash_lens/parsers/bb_csv.ex (until 2025, `Histórico`).
    """
    newer = ColumnMapping(
        day="Data",
        description=("Lançamento", "Detalhes"),
        amount="Valor",
        sign_column="Tipo Lançamento",
        debit_signs=("Saída",),
        bank_id="Nº documento",
    )
    older = ColumnMapping(
        day="Data", description=("Histórico",), amount="Valor", bank_id="Número do documento"
    )
    older_columns = header(
        "Data;Dependencia Origem;Histórico;Data do Balancete;Número do documento;Valor"
    )
    return Preset(
        "Banco do Brasil, conta",
        (Layout(newer, newer.columns), Layout(older, older_columns, month_may_be_first=True)),
        '"Data","Lançamento","Detalhes","Nº documento","Valor","Tipo Lançamento"\n'
        '"05/10/2026","Pix - Recebido","05/10 09:12 CLIENTE","147021","120,50","Entrada"',
    )


def caixa() -> Preset:
    """Caixa, account: amounts without a sign beside a column with D or C, days as YYYYMMDD.

    Source: NaathanFerreira/extratos, README.md (2025; there with a comma, elsewhere with a point).
    """
    mapping = ColumnMapping(
        day="Data_Mov",
        description=("Historico",),
        amount="Valor",
        sign_column="Deb_Cred",
        debit_signs=("D",),
        bank_id="Nr_Doc",
    )
    columns = header("Conta;Data_Mov;Nr_Doc;Historico;Valor;Deb_Cred")
    return Preset(
        "Caixa, conta",
        (Layout(mapping, columns, account="Conta"),),
        '"Conta";"Data_Mov";"Nr_Doc";"Historico";"Valor";"Deb_Cred"\n'
        '"0999001000000001";"20261005";"021002";"CRED PIX";"85.50";"C"',
    )


def santander() -> Preset:
    """Santander, account: agency and account in the first line, the newest row first.

    Source: edmundopecas/elaine, importar_santander_csv.py (2026).
    """
    mapping = ColumnMapping(
        day="Data",
        description=("Histórico",),
        amount="Valor (R$)",
        bank_id="Documento",
        balance="Saldo (R$)",
    )
    return Preset(
        "Santander, conta",
        (Layout(mapping, header("Data;Histórico;Documento;Valor (R$);Saldo (R$)")),),
        'Data;Histórico;Documento;Valor (R$);Saldo (R$)\n"05/10/2026";"Pix";"";"-47,05";"27,62"',
    )


def c6() -> Preset:
    """C6, account: lines above the header, and on every row the balance of the end of its day.

    Source: BrunoBlanck/HomeFinance, backend/internal/importer/c6/testdata/c6_checking_v1.csv
    (2026).
    """
    mapping = ColumnMapping(
        day="Data Lançamento",
        description=("Título", "Descrição"),
        credit="Entrada(R$)",
        debit="Saída(R$)",
        balance="Saldo do Dia(R$)",
    )
    columns = header(
        "Data Lançamento;Data Contábil;Título;Descrição;Entrada(R$);Saída(R$);Saldo do Dia(R$)"
    )
    return Preset(
        "C6, conta",
        (Layout(mapping, columns, daily_balance=True),),
        "Data Lançamento,Data Contábil,Título,Descrição,Entrada(R$),Saída(R$),Saldo do Dia(R$)\n"
        "05/10/2026,05/10/2026,Pix recebido,Pix recebido,300.00,0.00,498.37",
    )


def mercado_pago() -> Preset:
    """Mercado Pago, account: opening and closing in a table above; amounts after fees.

    Source: heitorpolidoro/cash_lens, lib/cash_lens/parsers/format_detector.ex and
    test/cash_lens/parsers/csv_parser_test.exs (2026).
    """
    mapping = ColumnMapping(
        day="RELEASE_DATE",
        description=("TRANSACTION_TYPE",),
        amount="TRANSACTION_NET_AMOUNT",
        bank_id="REFERENCE_ID",
        balance="PARTIAL_BALANCE",
    )
    columns = header(
        "RELEASE_DATE;TRANSACTION_TYPE;REFERENCE_ID;TRANSACTION_NET_AMOUNT;PARTIAL_BALANCE"
    )
    return Preset(
        "Mercado Pago, conta",
        (Layout(mapping, columns, summary=("INITIAL_BALANCE", "FINAL_BALANCE")),),
        "RELEASE_DATE;TRANSACTION_TYPE;REFERENCE_ID;TRANSACTION_NET_AMOUNT;PARTIAL_BALANCE\n"
        "05-10-2026;Rendimentos;100000000002;1,09;1.418,82",
    )


def stone() -> Preset:
    """Stone, account: the balances before and after each row, the newest row first.

    The amount is what the balance changed by, because `Valor` is before the fee of the row.

    Source: Roberio1210/santa-monica-os, src/lib/finance/bankStatement/stoneNativeCsvFormat.ts
    (2026).
    """
    mapping = ColumnMapping(
        day="Data",
        description=("Tipo", "Origem", "Destino", "Descrição"),
        amount="Valor",
        sign_column="Movimentação",
        debit_signs=("Débito",),
        bank_id="Nosso Número",
        balance="Saldo depois",
        skip=(("Situação", ("Cancelado",)),),
    )
    columns = header(
        "Movimentação;Tipo;Valor;Saldo antes;Saldo depois;Tarifa;Data;Situação;Destino;Origem"
    )
    return Preset(
        "Stone, conta",
        (Layout(mapping, columns, balance_before="Saldo antes"),),
        "Movimentação,Tipo,Valor,Saldo antes,Saldo depois,Tarifa,Data,Horário,Situação,Destino,"
        "Origem,Descrição\n"
        'Crédito,Transação,"45,00","R$ 40,09","R$ 84,87","R$ 0,22",05/10/2026 22:56,22:56:20,'
        "FINISHED,Padaria Fictícia,Cliente,",
    )
