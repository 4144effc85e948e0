"""The documentation page: it signs in by the same flow, and its examples run."""

from collections.abc import Callable

from tests.browser.conftest import Book, Tab, stored
from tests.browser.test_views import AXE, motions, violations


def test_example_runs_as_the_signed_in_user(
    open_tab: Callable[..., Tab], book: Book, base_url: str
) -> None:
    tab = open_tab(viewport={"width": 1280, "height": 800})
    page = tab.page
    page.context.add_init_script(path=str(AXE))
    page.goto(f"{base_url}docs")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Usuário").fill(book.user)
    page.get_by_label("Senha").fill(book.password)
    page.keyboard.press("Enter")
    page.get_by_text(f"Signed in as {book.user}").wait_for()
    assert page.url == f"{base_url}docs"
    assert stored(page) == {}
    operation = page.locator("#operations-entries-record_entry")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table .response-col_status").get_by_text("201").wait_for()
    (entry,) = book.entries()
    assert entry["description"] == "Venda balcão"
    assert violations(page, "serious", "critical") == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("Sign in to run the examples.").wait_for()


def test_operations_are_readable_without_signing_in(
    open_tab: Callable[..., Tab], base_url: str
) -> None:
    tab = open_tab()
    tab.page.context.add_init_script(path=str(AXE))
    tab.page.goto(f"{base_url}docs")
    operation = tab.page.locator("#operations-entries-record_entry")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").wait_for()
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(tab.page, "serious", "critical") == []
    assert tab.page.url == f"{base_url}docs"
    operation.locator("[data-param-name=Idempotency-Key] input").fill("")
    operation.get_by_role("button", name="Execute").click()
    operation.locator("input.invalid").wait_for()  # it would be shaken
    assert motions(tab.page) == []
