"""A day's work by keyboard alone: no test in this file uses a mouse or sets a field."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.browser.conftest import Book, Tab, stored
from tests.browser.test_bank_files import STATEMENT

MOST_TABS = 150
MOST_PRESSES = 20
NAME = """() => {
    const focused = document.activeElement;
    if (!focused.matches("a, button, input, select, summary, textarea")) return "";
    const labels = [...(focused.labels ?? [])].map((label) => label.textContent);
    return [focused.ariaLabel, ...labels, focused.textContent].filter(Boolean).join(" ").trim();
}"""


def tab_to(page: Any, name: str) -> None:
    """Press Tab until the focus is on what has this name."""
    for _ in range(MOST_TABS):
        if name in page.evaluate(NAME):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name!r}.")


def press_on(page: Any, name: str) -> None:
    """Reach what has this name by Tab, and press Enter."""
    tab_to(page, name)
    page.keyboard.press("Enter")


def go_to(page: Any, letter: str, title: str) -> None:
    """Open a view by its two keys; again, where a busy machine left too much time between them."""
    heading = page.locator("h1", has_text=title)
    for _ in range(MOST_PRESSES):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_timeout(100)
        if heading.count():
            return
    raise AssertionError(f"g and {letter} do not open {title!r}.")


def sign_in_by_keys(tab: Tab, book: Book, url: str) -> Any:
    """Sign in on the hosted page; return the page."""
    page = tab.page
    page.goto(url)
    page.get_by_label("Senha").wait_for()
    tab_to(page, "Usuário")
    page.keyboard.type(book.user)
    tab_to(page, "Senha")
    page.keyboard.type(book.password)
    page.keyboard.press("Enter")
    page.locator("#main").wait_for()
    return page


def test_entry_is_recorded_corrected_reversed_and_found(
    open_tab: Callable[..., Tab], book: Book, base_url: str
) -> None:
    page = sign_in_by_keys(open_tab(), book, base_url)
    page.keyboard.press("n")
    page.keyboard.type("12,00")
    page.keyboard.press("Enter")
    page.locator(".amount.large").get_by_text("R$\u00a012,00").wait_for()
    page.keyboard.press("Escape")  # out of the field
    go_to(page, "l", "Lançamentos")
    page.locator(".entry").wait_for()
    press_on(page, "R$\u00a012,00")
    dialog = page.get_by_role("dialog")
    press_on(page, "mudar")
    page.keyboard.type("vendas")
    page.keyboard.press("Enter")
    dialog.get_by_text("vendas", exact=True).wait_for()
    press_on(page, "Estornar")
    page.keyboard.type("valor errado")
    page.keyboard.press("Enter")
    dialog.get_by_text("estornado", exact=True).wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.keyboard.press("/")
    page.keyboard.type("errado")
    page.locator(".entry", has_text="valor errado").wait_for()
    page.locator(".entry").nth(1).wait_for(state="detached")
    assert stored(page) == {}
    assert page.url == f"{base_url}#entries?q=errado"


def test_bank_file_by_keyboard(
    open_tab: Callable[..., Tab], book: Book, base_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "outubro.ofx"
    file.write_text(STATEMENT)
    page = sign_in_by_keys(open_tab(), book, base_url)
    page.on("filechooser", lambda chooser: chooser.set_files(file))
    go_to(page, "b", "Banco")
    press_on(page, "Escolher arquivo")
    page.get_by_label("Em qual conta").wait_for()
    tab_to(page, "Em qual conta")
    page.keyboard.type("bank")
    page.keyboard.press("Enter")
    page.get_by_text("Confere.").wait_for()
    press_on(page, "Registrar 2 lançamentos")
    page.get_by_text("Registrado: 2 lançamentos.").first.wait_for()
    press_on(page, "Desfazer a importação")
    tab_to(page, "Cada lançamento criado")
    page.keyboard.type("arquivo errado")
    page.keyboard.press("Enter")
    page.get_by_text("Desfeito: 2 estornados").wait_for()


def test_accountants_day_by_keyboard(
    open_tab: Callable[..., Tab], book: Book, base_url: str
) -> None:
    today = date.fromisoformat(book.record("5.00")["day"])
    yesterday = today - timedelta(days=1)
    book.record("40.00", occurred_at=f"{yesterday}T12:00:00-03:00")
    page = sign_in_by_keys(open_tab(), book, f"{base_url}#days?month={yesterday:%Y-%m}")
    go_to(page, "c", "Contador")
    press_on(page, "Fechar")
    page.get_by_text("Fechado:").first.wait_for(timeout=60_000)
    with page.expect_download() as download:
        press_on(page, "Extrato em CSV")
    assert download.value.suggested_filename.endswith(".csv")
    go_to(page, "d", "Dias fechados")
    if yesterday.month != today.month:
        page.keyboard.press("[")
    page.get_by_role("button", name="Conferir").wait_for()
    press_on(page, "Conferir")
    page.get_by_text("Este dia é o que foi fechado.").wait_for()
    with page.expect_download() as download:
        press_on(page, "Baixar a prova")
    assert download.value.suggested_filename == f"prova-{yesterday}.zip"
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    press_on(page, "English")
    page.get_by_role("button", name="Português").wait_for()
    press_on(page, "Sign out")
    page.get_by_label("Senha").wait_for()
