"""Every view at both widths, light and dark: axe finds nothing serious, and nothing is cut off."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.page_tools import NPM
from tests.browser.conftest import Book

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


@pytest.fixture(scope="module")
def busy_book(make_book: Callable[..., Book]) -> Book:
    """A book with entries of several kinds."""
    book = make_book()
    book.record("1500.00", description="Em caixa ao começar", category="opening")
    book.record("150.75", description="Venda balcão", category="sales")
    book.record("80.10", type="debit", description="Energia", account="bank")
    entry = book.record("12.00", description="Troco errado")
    book.client.post(f"/v1/entries/{entry['id']}/reversal", {"reason": "valor errado"})
    return book


@pytest.fixture(scope="module")
def module_page(chromium: Any, base_url: str, busy_book: Book) -> Iterator[Any]:
    """A signed-in page that the tests of this module share."""
    context = chromium.new_context()
    context.add_init_script(path=str(AXE))
    page = context.new_page()
    page.goto(base_url)
    page.get_by_label("Usuário").fill(busy_book.user)
    page.get_by_label("Senha").fill(busy_book.password)
    page.keyboard.press("Enter")
    page.locator("#main").wait_for()
    yield page
    context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_view_is_accessible_and_fits(module_page: Any, busy_book: Book, view: str) -> None:
    page = module_page
    entry = busy_book.entries()[0]["id"]
    page.evaluate("hash => { location.hash = hash; }", VIEWS[view].format(entry=entry))
    page.wait_for_load_state("networkidle")
    page.locator(".bone").first.wait_for(state="detached")
    for width, height in (PHONE, DESK, ZOOMED):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (view, width)
        for scheme in ("light", "dark") if (width, height) != ZOOMED else ():
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], (view, width, scheme)


def violations(page: Any, *impacts: str) -> list[str]:
    """Return what axe finds, or only that of these impacts: the rule and the first element."""
    result = page.evaluate("rules => axe.run({ runOnly: { type: 'tag', values: rules } })", RULES)
    return [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in result["violations"]
        if not impacts or each["impact"] in impacts
    ]
