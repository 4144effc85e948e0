"""Presets for credit cards, in which a purchase is positive; sources as in `preset_accounts`."""

from chalicelib.bank_files.csv_layout import ColumnMapping, Layout
from chalicelib.bank_files.preset import Preset, header


def nubank() -> Preset:
    """Nubank, card: days as YYYY-MM-DD, the instalment inside of the title, no id.

    Sources: BrunoBlanck/HomeFinance, backend/internal/importer/nubank/testdata/
    nubank_card_statement_v1.csv (2026, `"- 53,81"`); HigorMonteiro/financeflow, IMPORTAR_NUBANK.md
    (2025, `-53.81`); firefly-iii/import-configurations, br/nubank/credit.json (2021, with a
    category).
    """
    mapping = ColumnMapping(day="date", description=("title",), amount="amount", turn_signs=True)
    return Preset(
        "Nubank, cartão",
        (
            Layout(mapping, header("date;title;amount"), complete=True),
            Layout(mapping, header("date;category;title;amount"), complete=True),
        ),
        "date,title,amount\n2026-10-05,Padaria Central,18.50",
    )


def inter() -> Preset:
    """Inter, card: amounts with `R$`, and `Parcela 1/3` in the column of the kind.

    Source: davilucas156/app-financeiro-2.0, references/formatos-de-extrato.md (2026).
    """
    mapping = ColumnMapping(
        day="Data", description=("Lançamento",), amount="Valor", turn_signs=True
    )
    columns = header("Data;Lançamento;Categoria;Tipo;Valor")
    return Preset(
        "Inter, cartão",
        (Layout(mapping, columns, instalment="Tipo", complete=True),),
        '"Data","Lançamento","Categoria","Tipo","Valor"\n'
        '"05/10/2026","OFICINA EXEMPLO","OUTROS","Parcela 1/2","R$ 166,50"',
    )


def c6() -> Preset:
    """C6, card: one file for several cards, the instalment in a column, dollars beside reais.

    Source: BrunoBlanck/HomeFinance, backend/internal/importer/c6/testdata/
    c6_card_statement_v1.csv (2026).
    """
    mapping = ColumnMapping(
        day="Data de Compra", description=("Descrição",), amount="Valor (em R$)", turn_signs=True
    )
    columns = header(
        "Data de Compra;Nome no Cartão;Final do Cartão;Categoria;Descrição;Parcela;"
        "Valor (em US$);Cotação (em R$);Valor (em R$)"
    )
    layout = Layout(
        mapping,
        columns,
        account="Final do Cartão",
        instalment="Parcela",
        foreign=("Valor (em US$)", "Cotação (em R$)"),
    )
    return Preset(
        "C6, cartão",
        (layout,),
        f"{';'.join(columns)}\n05/10/2026;LOJA;1234;Móveis;MOVEIS DA CASA;3/10;0;0;189.90",
    )
