"""Every view at both widths, light and dark: axe finds nothing serious, and nothing is cut off."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.page_tools import NPM
from tests.browser.conftest import Book, close_checked, enter, new_tab
from tests.browser.test_bank_files import STATEMENT

AXE = NPM / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK, ZOOMED = (360, 740), (1280, 800), (320, 256)
VIEWS = {
    "today": "#today",
    "month": "#month",
    "entries": "#entries",
    "details": "#entries?entry={entry}",
    "days": "#days",
    "bank": "#bank",
    "accountant": "#accountant",
}
# By what is clicked, and what then appears.
OPENED = {
    "more": ("#today", "mais", "Quando"),
    "keys": ("#today", "Teclas", "esta lista"),
    "table": ("#month", "Tabela", "valores em R$"),
    "range": ("#month", "Outro período ou conta", "Até"),
    "filters": ("#entries", "Filtros", "Até"),
    "reversal": ("#entries?entry={entry}", "Estornar", "Por quê?"),
    "proof": ("#entries?entry={entry}", "Provar este lançamento", "ainda não foi fechado"),
    "paste": ("#bank", "Colar o texto do extrato", "Ler o texto colado"),
}
READS = """() => performance.getEntriesByType("resource")
    .filter((entry) => entry.name.includes("/v1/"))
    .map((entry) => [entry.startTime, entry.responseEnd])"""
IS_SHOWN = """address => {
    const current = document.querySelector("nav a[aria-current]")?.hash.split("?")[0];
    const isRead = !document.querySelector("[aria-busy=true]");
    const hasDialog = Boolean(document.querySelector("dialog .details"));
    return current === address.split("?")[0] && isRead && hasDialog === address.includes("entry=");
}"""
LONGEST_MOTION_SECONDS = 0.01
MOTIONS = """longest => [...document.querySelectorAll("*")].flatMap((element) =>
    [null, "::before", "::after", "::backdrop"].filter((part) => {
        const style = getComputedStyle(element, part);
        const moves = style.animationName !== "none" ? style.animationDuration : "0s";
        const seconds = `${moves},${style.transitionDuration}`.split(",").map(parseFloat);
        return Math.max(...seconds) > longest || style.scrollBehavior === "smooth";
    }).map((part) => `${element.outerHTML.slice(0, 100)} ${part}`))"""


@pytest.fixture(scope="module")
def busy_book(make_book: Callable[..., Book]) -> Book:
    """A book with entries of several kinds."""
    book = make_book()
    book.record("1500.00", description="Em caixa ao começar", category="opening")
    book.record("150.75", description="Venda balcão", category="sales")
    book.record("80.10", type="debit", description="Energia", account="bank")
    entry = book.record("12.00", description="Troco errado")
    book.client.post(f"/v1/entries/{entry['id']}/reversal", {"reason": "valor errado"})
    known = {"account": "bank", "occurred_at": "2026-10-02T10:00:00-03:00"}
    book.record("300.00", description="Pix da Ana", category="sales", **known)
    return book


@pytest.fixture(scope="module")
def module_page(chromium: Any, base_url: str, hosts: set[str], busy_book: Book) -> Iterator[Any]:
    """A signed-in page that the tests of this module share."""
    tab = new_tab(chromium)
    tab.page.context.add_init_script(path=str(AXE))
    enter(tab.page, busy_book, base_url)
    yield tab.page
    close_checked(tab, hosts)


def show(page: Any, address: str) -> None:
    """Go to a view, and wait until it has its figures, and an entry its details."""
    page.evaluate("hash => { location.hash = hash; }", address)
    page.wait_for_function(IS_SHOWN, arg=address)


def check_look(page: Any) -> None:
    """Check width and accessibility at both widths and themes, and in forced colours; zoomed, too.

    Zooming to 400 % leaves 320 x 256 pixels of a window of 1280 x 1024 (WCAG 2.2, 1.4.10).
    """
    faults = []
    for width, height in (PHONE, DESK, ZOOMED):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        for scheme in ("light", "dark") if (width, height) != ZOOMED else ():
            page.emulate_media(color_scheme=scheme)
            faults += [f"{width} {scheme}: {each}" for each in violations(page)]
    page.emulate_media(color_scheme="light", forced_colors="active")
    faults += [f"forced colours: {each}" for each in violations(page)]
    page.emulate_media(forced_colors="none")
    assert faults == []


@pytest.mark.parametrize("view", VIEWS)
def test_view_is_accessible_and_fits(module_page: Any, busy_book: Book, view: str) -> None:
    show(module_page, VIEWS[view].format(entry=busy_book.entries()[0]["id"]))
    check_look(module_page)


def test_empty_book_is_accessible_and_fits(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book, "#today?lang=en")
    page.evaluate(AXE.read_text("utf-8"))
    page.get_by_text("Your book is blank.").wait_for()
    check_look(page)
    for view in ("month", "entries", "days", "bank", "accountant"):
        show(page, f"#{view}?lang=en")
        assert violations(page) == [], view


def test_preview_is_accessible_and_fits(module_page: Any, tmp_path: Path) -> None:
    page = module_page
    file = tmp_path / "outubro.ofx"
    file.write_text(STATEMENT)
    show(page, "#bank")
    page.locator("#bank-file").set_input_files(file)
    page.get_by_label("Em qual conta").fill("bank")
    check_look(page)
    page.keyboard.press("Enter")
    page.get_by_text("Decida antes 1 linha.").wait_for()
    page.get_by_text("Pix da Ana").wait_for()
    check_look(page)
    page.get_by_role("button", name="É o mesmo").click()
    page.get_by_text("decidido: o mesmo").wait_for()
    check_look(page)
    page.get_by_role("button", name="Registrar 1 lançamento").click()
    page.get_by_role("button", name="Desfazer a importação").click()
    check_look(page)


@pytest.mark.parametrize("name", OPENED)
def test_opened_parts_are_accessible_and_fit(module_page: Any, busy_book: Book, name: str) -> None:
    view, clicked, opened = OPENED[name]
    entry = next(each for each in busy_book.entries() if each["description"] == "Energia")
    show(module_page, "#days")  # closes what an earlier test has opened
    show(module_page, view.format(entry=entry["id"]))
    module_page.get_by_text(clicked).first.click()
    module_page.get_by_text(opened).first.wait_for()
    check_look(module_page)
    module_page.keyboard.press("Escape")


def test_rule_question_is_accessible_and_fits(module_page: Any, busy_book: Book) -> None:
    page = module_page
    entry = next(each for each in busy_book.entries() if each["description"] == "Energia")
    show(page, f"#entries?entry={entry['id']}")
    page.get_by_role("button", name="mudar").click()
    check_look(page)
    page.keyboard.type("energia")  # over the category, which is selected
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sempre assim").wait_for()
    check_look(page)
    page.get_by_role("button", name="Só desta vez").click()
    page.keyboard.press("Escape")


def test_errors_are_accessible_and_fit(module_page: Any) -> None:
    """Every read fails, in turn: the last known figures stay, others say what is missing."""
    page = module_page
    show(page, "#today")
    page.route("**/v1/**", lambda route: route.fulfill(status=503, body="{}"))
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_text("Não consegui ler os saldos agora.").wait_for()
    assert page.locator(".amount.large").is_visible()
    check_look(page)
    show(page, "#month?month=2026-01")
    page.get_by_text("Não consegui ler").first.wait_for()
    check_look(page)
    page.unroute("**/v1/**")


@pytest.mark.parametrize("view", ["today", "month", "days", "bank", "accountant"])
def test_view_reads_four_times_at_most(module_page: Any, base_url: str, view: str) -> None:
    """And in parallel: the last read starts before the first one ends."""
    page = module_page
    page.goto(f"{base_url}#{view}")
    page.reload()
    page.locator("#main").wait_for()
    page.wait_for_load_state("networkidle")
    times = page.evaluate(READS)
    assert 0 < len(times) <= 4, times
    assert max(start for start, _ in times) < min(end for _, end in times), times


def test_charts_have_a_sentence_and_a_table(module_page: Any) -> None:
    page = module_page
    show(page, "#month")
    charts = page.locator("canvas")
    assert charts.count() == 2
    for number in range(2):
        chart = charts.nth(number)
        assert chart.get_attribute("role") == "img"
        assert "entrou R$\u00a01.662,75" in chart.get_attribute("aria-label")
    page.get_by_text("Tabela").first.click()
    header = page.get_by_role("columnheader", name="Entrou").first
    header.wait_for()
    assert page.locator("tbody tr").first.is_visible()


def test_in_and_out_differ_without_colour(module_page: Any) -> None:
    show(module_page, "#entries")
    amounts = module_page.locator(".entry .amount").all_text_contents()
    signs = {text[: text.index("R$")] for text in amounts}
    assert signs == {"Entrou: +", "Saiu: \u2212"}


@pytest.mark.parametrize("view", VIEWS)
def test_reduced_motion_stops_all_motion(module_page: Any, busy_book: Book, view: str) -> None:
    page = module_page
    show(page, VIEWS[view].format(entry=busy_book.entries()[0]["id"]))
    assert motions(page) == []


def motions(page: Any) -> list[str]:
    """Return what moves although the user wants reduced motion."""
    page.emulate_media(reduced_motion="reduce")
    moving: list[str] = page.evaluate(MOTIONS, LONGEST_MOTION_SECONDS)
    page.emulate_media(reduced_motion="no-preference")
    return moving


def violations(page: Any, *impacts: str) -> list[str]:
    """Return what axe finds, or only that of these impacts: the rule and the first element."""
    result = page.evaluate("rules => axe.run({ runOnly: { type: 'tag', values: rules } })", RULES)
    return [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in result["violations"]
        if not impacts or each["impact"] in impacts
    ]
