"""The list of entries: search and filters, details, reversal."""

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import Book

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
RIGHT_TO_LEFT = "\u202e\u05e9\u05dc\u05d5\u05dd 12 \u0645\u0631\u062d\u0628\u0627"
WIDE = "\u6f22" * 200


def test_search_and_filters_are_in_the_address(sign_in: Callable[..., Any], book: Book) -> None:
    book.record("10.00", description="Pão francês", category="sales")
    book.record("20.00", description="Energia", type="debit", account="bank")
    page = sign_in(book, "#entries")
    rows = page.locator(".entry")
    rows.nth(1).wait_for()
    page.keyboard.press("/")
    page.keyboard.type("pao ")
    page.wait_for_url("**/#entries?q=pao")
    page.keyboard.type("fra")  # after the space, which stays
    page.wait_for_url("**/#entries?q=pao+fra")
    rows.filter(has_text="Energia").wait_for(state="detached")
    rows.filter(has_text="Pão francês").wait_for()
    assert rows.count() == 1
    page.reload()
    page.get_by_text("Pão francês").wait_for()
    assert rows.count() == 1
    page.get_by_role("button", name="Limpar filtros").click()
    rows.nth(1).wait_for()
    page.get_by_text("Filtros", exact=True).click()
    page.get_by_label("Tipo").select_option("debit")
    rows.filter(has_text="Pão").wait_for(state="detached")
    page.get_by_label("Tipo").select_option("")
    page.get_by_label("Sem categoria").check()
    rows.filter(has_text="Pão").wait_for(state="detached")
    assert "uncategorized=true" in page.url


def test_entry_is_reversed_with_a_reason_by_keyboard(
    sign_in: Callable[..., Any], book: Book
) -> None:
    entry = book.record("30.00", description="Troco")
    page = sign_in(book, "#entries")
    row = page.locator(".entry button").first
    row.wait_for()
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Estornar").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("valor errado")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text("estornado", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.locator(".entry").filter(has_text="valor errado").wait_for()
    page.locator(".entry").filter(has_text="Troco").get_by_text("estornado").wait_for()
    reversal, original = book.entries()
    assert (reversal["reverses"], reversal["description"]) == (entry["id"], "valor errado")
    assert original["reversed_by"] == reversal["id"]


def test_reversed_elsewhere_meanwhile_is_said(sign_in: Callable[..., Any], book: Book) -> None:
    entry = book.record("30.00", description="Troco")
    page = sign_in(book, f"#entries?entry={entry['id']}")
    page.get_by_role("button", name="Estornar").click()
    page.get_by_label("Por quê?").fill("de novo")
    other = book.client.post(f"/v1/entries/{entry['id']}/reversal", {"reason": "primeiro"})
    assert other.status == 201
    page.keyboard.press("Enter")
    page.get_by_text("Já foi estornado.").wait_for()


def test_texts_are_shown_as_text(sign_in: Callable[..., Any], book: Book) -> None:
    for description in (HOSTILE, RIGHT_TO_LEFT, WIDE):
        book.record("1.00", description=description)
    page = sign_in(book, "#entries")
    for view in ("entries", "today"):
        page.evaluate("view => { location.hash = view; }", view)
        for description in (HOSTILE, RIGHT_TO_LEFT, WIDE):
            page.get_by_text(description, exact=True).wait_for()
        assert page.locator("#page script, #page img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_text(WIDE, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(WIDE, exact=True).wait_for()
    assert dialog.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0


def test_language_switch_keeps_the_view(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book, "#entries?type=debit")
    page.get_by_role("button", name="English").click()
    page.get_by_text("No entries match these filters.").wait_for()
    assert page.url.endswith("#entries?type=debit&lang=en")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == "Entries · Cash book"
    page.get_by_role("button", name="Português").click()
    page.get_by_text("Nenhum lançamento com estes filtros.").wait_for()


def test_category_is_corrected_and_becomes_a_rule(sign_in: Callable[..., Any], book: Book) -> None:
    entry = book.record("80.10", type="debit", description="ENERGISA 0012345", category="rent")
    page = sign_in(book, f"#entries?entry={entry['id']}")
    page.get_by_role("button", name="mudar").press("Enter")
    page.keyboard.type("Energia")  # over the category, which is selected
    page.keyboard.press("Enter")
    page.get_by_text("(registrado como rent)").wait_for()
    assert page.get_by_label("Sempre energia").input_value() == "ENERGISA"
    page.keyboard.press("Enter")
    page.get_by_text("Regra guardada.").wait_for()
    stored = book.client.get(f"/v1/entries/{entry['id']}").json
    assert (stored["category"], stored["recorded_category"]) == ("energia", "rent")
    (rule,) = book.client.get("/v1/rules").json["items"]
    assert (rule["name"], rule["then"]) == ("energisa-saida", {"category": "energia"})
    assert (rule["when"]["text"], rule["when"]["type"]) == ("ENERGISA", "debit")
