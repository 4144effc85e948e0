"""Closing a day and checking its seal in the browser; the month's documents and proofs."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.paths import PROJECT
from tests.browser.conftest import Book
from tests.browser.test_views import AXE, check_look

CHECKS = ("Chave", "Assinatura", "Lançamentos", "Somas", "Corrente")


def yesterday(entry: dict[str, Any]) -> str:
    return str(date.fromisoformat(entry["day"]) - timedelta(days=1))


@pytest.fixture(scope="module")
def closed(make_book: Callable[..., Book]) -> tuple[Book, str]:
    """A book with two closed days and one of today, and its newest closed day."""
    book = make_book()
    day = yesterday(book.record("5.00"))
    before = str(date.fromisoformat(day) - timedelta(days=1))
    for when, amount in ((before, "100.00"), (day, "40.00"), (day, "2.50")):
        book.record(amount, occurred_at=f"{when}T12:00:00-03:00", description="Venda")
    return book, day


def close(page: Any) -> None:
    """Close yesterday on the accountant's view."""
    page.get_by_role("button", name="Fechar", exact=True).click()
    page.get_by_text("Fechado:").first.wait_for(timeout=60_000)


def alter(route: Any) -> None:
    """Let one byte of a response be another one."""
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace("40.00", "49.00"))


def test_accountant_closes_and_checks_a_day(
    sign_in: Callable[..., Any], closed: tuple[Book, str]
) -> None:
    book, day = closed
    page = sign_in(book, "#accountant")
    close(page)
    page.goto(page.url.partition("#")[0] + f"#days?month={day[:7]}")
    page.get_by_role("button", name="Conferir").first.click()
    page.get_by_text("Este dia é o que foi fechado.").wait_for()
    page.get_by_text("O que isto não prova").click()
    page.evaluate(AXE.read_text("utf-8"))
    check_look(page)
    lines = page.locator(".check-line")
    assert [lines.nth(number).get_attribute("class") for number in range(5)] == [
        "check-line valid"
    ] * 5
    assert all(name in lines.nth(number).text_content() for number, name in enumerate(CHECKS))
    with page.expect_download() as download:
        page.get_by_role("button", name="Baixar a prova").click()
    assert download.value.suggested_filename == f"prova-{day}.zip"
    assert_verified(Path(download.value.path()), "")


def test_altered_byte_is_a_red_line(sign_in: Callable[..., Any], closed: tuple[Book, str]) -> None:
    book, day = closed
    page = sign_in(book, "#accountant")
    close(page)
    page.route("**/leaves?*", alter)
    page.goto(page.url.partition("#")[0] + f"#days?month={day[:7]}")
    page.get_by_role("button", name="Conferir").first.click()
    page.get_by_text("Não confie neste dia.").wait_for()
    classes = [
        page.locator(".check-line").nth(number).get_attribute("class").split()[1]
        for number in range(5)
    ]
    assert classes == ["valid", "valid", "wrong", "wrong", "valid"]
    page.get_by_text("um foi alterado, tirado ou acrescentado").wait_for()
    page.evaluate(AXE.read_text("utf-8"))
    check_look(page)


def test_entry_of_a_closed_day_is_proven(
    sign_in: Callable[..., Any], closed: tuple[Book, str]
) -> None:
    book, _ = closed
    page = sign_in(book, "#accountant")
    close(page)
    (entry,) = (each for each in book.entries() if each["amount"] == "40.00")
    (newest,) = (each for each in book.entries() if each["amount"] == "5.00")
    page.goto(page.url.partition("#")[0] + f"#entries?entry={newest['id']}")
    page.get_by_role("button", name="Provar este lançamento").click()
    page.get_by_text("Este dia ainda não foi fechado com este lançamento.").wait_for()
    page.evaluate("id => { location.hash = `entries?entry=${id}`; }", entry["id"])
    page.get_by_text(entry["id"]).wait_for()
    page.route("**/proof?*", alter)
    page.get_by_role("button", name="Provar este lançamento").click()
    page.get_by_text("Não confie neste lançamento").wait_for()
    page.unroute("**/proof?*")
    page.reload()
    page.get_by_role("button", name="Provar este lançamento").click()
    page.get_by_text("Provado: tipo, valor, conta e dia").wait_for()
    page.evaluate(AXE.read_text("utf-8"))
    check_look(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Baixar a prova").click()
    assert download.value.suggested_filename == f"prova-{entry['id']}.zip"
    files = extracted(Path(download.value.path()))
    assert_valid("--keys", files / "keys.json", "--proof", files / "proof.json")


def test_month_is_one_zip_that_verifies(
    sign_in: Callable[..., Any], closed: tuple[Book, str]
) -> None:
    book, day = closed
    page = sign_in(book, f"#accountant?month={day[:7]}", viewport={"width": 1280, "height": 800})
    close(page)
    page.get_by_label("Nome").fill("Padaria São João")
    page.get_by_label("CPF ou CNPJ").fill("529.982.247-25")
    page.get_by_label("Município").fill("Campinas")
    page.get_by_label("UF").fill("SP")
    page.get_by_role("button", name="Guardar").click()
    page.get_by_text("Termos guardados.").wait_for()
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Tudo num zip").click()
    assert download.value.suggested_filename == f"livro-caixa-{day[:7]}.zip"
    archive = Path(download.value.path())
    names = zipfile.ZipFile(archive).namelist()
    assert zipfile.ZipFile(archive).testzip() is None
    assert {name.rpartition(".")[2] for name in names} >= {"pdf", "xlsx", "csv", "json", "txt"}
    assert_verified(archive, "provas/")


def test_each_statement_is_downloaded(
    sign_in: Callable[..., Any], closed: tuple[Book, str]
) -> None:
    book, day = closed
    page = sign_in(book, f"#accountant?month={day[:7]}")
    starts = {"PDF": b"%PDF", "XLSX": b"PK", "CSV": b"\xef\xbb\xbf", "OFX": b"OFXHEADER"}
    for name, start in {**starts, "JOURNAL": b"", "JSON": b"{"}.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Extrato em {name}").click()
        assert Path(download.value.path()).read_bytes().startswith(start)
        assert day[:7] in download.value.suggested_filename


def test_book_is_downloaded_with_its_terms(sign_in: Callable[..., Any], book: Book) -> None:
    day = book.record("5.00")["day"]
    page = sign_in(book, "#accountant")
    page.get_by_label("Extrato da conta").fill("main")  # of statements; the book has all accounts
    button = page.get_by_role("button", name="Livro caixa")
    button.click()
    page.get_by_role("alert").get_by_text("O livro precisa dos termos.").wait_for()
    terms = {"document": "529.982.247-25", "town": "Campinas", "state": "SP"}
    book.put("/v1/merchant", {"name": "Padaria São João", **terms})
    with page.expect_download() as download:
        button.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    assert day[:7] in download.value.suggested_filename


def assert_verified(archive: Path, folder: str) -> None:
    """Check the proofs in an archive by verify.py, as its README says."""
    place = extracted(archive) / folder
    closings = sorted(map(str, place.glob("closings-*.json")))
    leaves = sorted(map(str, place.glob("leaves-*.json")))
    read_me = (place / "LEIA-ME.txt").read_text("utf-8")
    since = read_me.partition("--since ")[2].split()[0]
    files = ["--closings", *closings, "--leaves", *leaves, "--since", since]
    assert_valid("--keys", place / "keys.json", *files)


def extracted(archive: Path) -> Path:
    """Return a folder with the files of an archive."""
    folder = archive.with_suffix(".d")
    with zipfile.ZipFile(archive) as files:
        files.extractall(folder)
    return folder


def assert_valid(*arguments: str | Path) -> None:
    """Check that verify.py finds everything valid."""
    command = [sys.executable, PROJECT / "verify.py", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
