"""A bank file: dropped in, decided by keyboard, recorded, and undone."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.conftest import Book

STATEMENT = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:UTF-8
CHARSET:NONE

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL
<BANKACCTFROM><BANKID>0001<ACCTID>777-1<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261005
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261002<TRNAMT>300.00<FITID>A1<MEMO>PIX RECEBIDO</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261003<TRNAMT>-80.10<FITID>A2<MEMO>ENERGISA</STMTTRN>
</BANKTRANLIST>
<LEDGERBAL><BALAMT>219.90<DTASOF>20261005</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
ONE_ACCOUNT = STATEMENT[STATEMENT.index("<STMTTRNRS>") : STATEMENT.index("</BANKMSGSRSV1>")]
UNREADABLE = (
    (
        b"\xff\xd8\xff\xe0" + bytes(range(256)),
        "É um arquivo JPEG, não um extrato. Exporte o extrato como OFX, CSV ou CNAB 240.",
        "It is a JPEG file, not a statement. Export the statement as OFX, CSV or CNAB 240.",
    ),
    (
        b" ",
        "Ele está vazio. Exporte o extrato como OFX, CSV ou CNAB 240.",
        "It is empty. Export the statement as OFX, CSV or CNAB 240.",
    ),
    (
        b"caro\n",
        "Não é OFX, CSV, TSV nem CNAB 240. Começa assim: “caro”.",
        "It is not OFX, CSV, TSV or CNAB 240. It begins: “caro”.",
    ),
    (
        b"Dia;Quanto\n1;2\n",
        "Não conheço estas colunas: “Dia”, “Quanto”.",
        "These columns are not known: “Dia”, “Quanto”.",
    ),
)

REJECTED: tuple[tuple[int, dict[str, Any], str], ...] = (
    (
        422,
        {"errors": [{"field": "decisions.0.entry", "message": "must be a candidate"}]},
        "Este lançamento não pode ser desta linha, ou já é de outra linha do arquivo.",
    ),
    (
        422,
        {"errors": [{"field": "decisions.0.decision", "message": "must be new"}]},
        "Escolha: é o mesmo, é novo ou fica de fora.",
    ),
    (
        422,
        {"errors": [{"field": "decisions", "message": "must not be empty"}]},
        "Algo do que foi enviado não é aceito. Confira e repita.",
    ),
    (
        409,
        {"conflict": {"reason": "lost-claims", "shown": "1"}},
        "O lançamento já é de outra linha, ou foi estornado. Decida de novo só sobre a linha 1.",
    ),
    (409, {"conflict": {"reason": "undecided-rows", "shown": "2"}}, "Decida antes 2 linhas."),
    (409, {}, "O livro mudou enquanto isso. Veja como está e repita."),
    (400, {}, "O pedido não é válido. Confira o que escreveu."),
    (412, {}, "Alguém mudou isto ao mesmo tempo. Repita."),
    (415, {}, "Arquivos deste tipo não são aceitos."),
)


def test_file_is_decided_recorded_and_undone(
    sign_in: Callable[..., Any], book: Book, tmp_path: Path
) -> None:
    by_hand = {"account": "bank", "occurred_at": "2026-10-02T10:00:00-03:00"}
    book.record("300.00", description="Pix da Ana", **by_hand)
    file = tmp_path / "outubro.ofx"
    file.write_text(STATEMENT)
    page = sign_in(book, "#bank", viewport={"width": 1280, "height": 800})
    page.locator("#bank-file").set_input_files(file)
    page.get_by_label("Em qual conta").fill("bank")
    page.keyboard.press("Enter")
    page.get_by_text("Decida antes 1 linha.").wait_for()
    page.get_by_text("Pix da Ana").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_text("decidido: o mesmo").wait_for()
    page.get_by_text("Confere.").wait_for()
    page.get_by_role("button", name="Registrar 1 lançamento").click()
    page.get_by_text("Registrado: 1 lançamento.").first.wait_for()
    assert sorted(entry["amount"] for entry in book.entries()) == ["300.00", "80.10"]
    page.get_by_role("button", name="Desfazer a importação").click()
    page.get_by_label("Cada lançamento criado").fill("arquivo errado")
    page.keyboard.press("Enter")
    page.get_by_text("Desfeito: 1 estornado").wait_for()


def test_open_points_of_a_bank_file(
    sign_in: Callable[..., Any], book: Book, tmp_path: Path
) -> None:
    by_hand = {"account": "bank", "occurred_at": "2026-10-02T10:00:00-03:00"}
    book.record("300.00", description="Pix da Ana", **by_hand)
    book.record("5.00", account="bank", occurred_at="2026-10-01T10:00:00-03:00")
    file = tmp_path / "outubro.ofx"
    file.write_text(STATEMENT)
    page = sign_in(book, "#bank")
    page.locator("#bank-file").set_input_files(file)
    page.get_by_label("Em qual conta").fill("bank")
    page.keyboard.press("Enter")
    page.get_by_text("Decida antes 1 linha.").wait_for()
    page.evaluate("location.hash = 'accountant?month=2026-10'")
    page.get_by_text("1 linha de banco por decidir:").wait_for()
    page.get_by_role("link", name=re.compile("^bank, ")).click()
    page.get_by_role("button", name="É o mesmo").click()
    page.get_by_role("button", name="Registrar 1 lançamento").click()
    page.get_by_text("Registrado: 1 lançamento.").first.wait_for()
    page.evaluate("location.hash = 'accountant?month=2026-10'")
    page.get_by_text("Nenhuma linha de banco por decidir.").wait_for()
    page.get_by_text("1 extrato em que banco e livro não conferem:").wait_for()


def test_unreadable_file_is_explained_in_both_languages(
    sign_in: Callable[..., Any], book: Book
) -> None:
    page = sign_in(book, "#bank")
    alert = page.get_by_role("alert")
    for content, portuguese, english in UNREADABLE:
        choose(page, content)
        alert.get_by_text(f"Não consegui ler o arquivo: {portuguese}", exact=True).wait_for()
        page.get_by_role("button", name="English").click()
        alert.get_by_text(f"The file cannot be read: {english}", exact=True).wait_for()
        page.get_by_role("button", name="Português").click()
    page.get_by_label("De qual banco é este arquivo?").select_option("inter-account")
    page.get_by_role("button", name="Continuar").click()
    alert.get_by_text("Ele tem outras colunas que não as deste banco: “Dia”, “Quanto”.").wait_for()


def test_file_of_two_accounts_asks_for_both(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book, "#bank")
    choose(page, with_others(ONE_ACCOUNT.replace("777-1", "888-1").replace("-80.10", "abc")))
    page.get_by_label("Conta 777-1 (2 linhas)").fill("bank")
    page.get_by_label("Conta 888-1 (2 linhas)").fill("savings")
    page.keyboard.press("Enter")
    page.get_by_text("Conta bank, ").wait_for()
    page.get_by_text("Conta savings, ").wait_for()
    page.get_by_text("o valor “abc” não é um número").wait_for()
    stored = book.client.get("/v1/import-accounts").json["accounts"]
    assert stored == {"777-1": "bank", "888-1": "savings"}


def test_unmapped_number_is_mapped_once(sign_in: Callable[..., Any], book: Book) -> None:
    book.put("/v1/import-accounts", {"accounts": {"777-1": "bank"}})
    other = ONE_ACCOUNT.replace("777-1", "888-1")
    changed: list[str] = []

    def change_first(route: Any) -> None:
        """Let somebody else change the map between this page's read and its write."""
        if route.request.method == "PUT" and not changed:
            changed.append(route.request.url)
            book.put("/v1/import-accounts", {"accounts": {"777-1": "bank", "999-1": "till"}})
        route.continue_()

    page = sign_in(book, "#bank")
    page.route("**/v1/import-accounts", change_first)
    choose(page, with_others(other, other.replace("BRL", "HRK")))
    page.get_by_label("Conta 888-1 (4 linhas)").fill("savings")
    page.keyboard.press("Enter")
    page.get_by_text("Conta savings, ").first.wait_for()
    page.get_by_text(
        "a moeda HRK saiu de circulação; vale para dias até 2023-01-31"
    ).first.wait_for()
    stored = book.client.get("/v1/import-accounts").json["accounts"]
    assert stored == {"777-1": "bank", "888-1": "savings", "999-1": "till"}


def test_account_without_number_is_explained(sign_in: Callable[..., Any], book: Book) -> None:
    several = with_others(ONE_ACCOUNT.replace("<ACCTID>777-1", ""))
    explained = "O arquivo tem várias contas, e uma não tem número"
    page = sign_in(book, "#bank")
    choose(page, several)
    page.get_by_role("alert").get_by_text(explained).wait_for()
    book.put("/v1/import-accounts", {"accounts": {"777-1": "bank"}})
    choose(page, several)
    page.get_by_label("Conta – (2 linhas)").fill("savings")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text(explained).wait_for()
    choose(page, STATEMENT.replace("<ACCTID>777-1", "").encode())
    page.get_by_label("Conta – (2 linhas)").fill("savings")
    page.keyboard.press("Enter")
    page.get_by_text("Conta savings, ").wait_for()


def test_rejected_decision_is_explained_in_portuguese(
    sign_in: Callable[..., Any], book: Book
) -> None:
    book.put("/v1/import-accounts", {"accounts": {"777-1": "bank"}})
    book.record("300.00", account="bank", occurred_at="2026-10-02T10:00:00-03:00")
    page = sign_in(book, "#bank")
    choose(page, STATEMENT.encode())
    problems: list[tuple[int, dict[str, Any]]] = []

    def reject(route: Any) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        status, problem = problems[-1]
        route.fulfill(status=status, body=json.dumps({"detail": "In English.", **problem}))

    page.route("**/v1/imports/*", reject)
    for status, problem, text in REJECTED:
        problems.append((status, problem))
        page.get_by_role("button", name="É o mesmo").click()
        page.get_by_role("alert").get_by_text(f"Não deu certo: {text}", exact=True).wait_for()


def with_others(*statements: str) -> bytes:
    return STATEMENT.replace("</BANKMSGSRSV1>", "".join((*statements, "</BANKMSGSRSV1>"))).encode()


def choose(page: Any, content: bytes) -> None:
    file = {"name": "extrato", "mimeType": "application/octet-stream", "buffer": content}
    page.locator("#bank-file").set_input_files(file)
