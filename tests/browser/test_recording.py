"""Recording, as merchants do it: once, also when pressed twice or without a network."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.browser.conftest import Book

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PHONE = {"has_touch": True, "is_mobile": True}


def balance(page: Any, amount: str) -> None:
    """Wait until the large figure shows an amount."""
    page.locator(".amount.large", has_text=amount).wait_for()


def record(page: Any, amount: str) -> None:
    page.get_by_label("Valor").fill(amount)
    page.keyboard.press("Enter")


def test_amount_and_enter_record_a_sale(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book, **PHONE)
    page.get_by_text("Seu livro está em branco.").wait_for()
    page.get_by_label("Valor").press_sequentially("15075")
    assert page.get_by_label("Valor").input_value() == "150,75"
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Registrado: R$\u00a0150,75").wait_for()
    balance(page, "R$\u00a0150,75")
    (entry,) = book.entries()
    assert (entry["amount"], entry["type"], entry["account"]) == ("150.75", "credit", "main")
    assert page.get_by_label("Valor").input_value() == ""


def test_pressing_twice_records_once(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    page.get_by_label("Valor").fill("12,00")
    page.evaluate(
        "() => { const form = document.querySelector('form.record');"
        " form.requestSubmit(); form.requestSubmit(); }"
    )
    page.get_by_role("status").get_by_text("Registrado").wait_for()
    balance(page, "R$\u00a012,00")
    assert len(book.entries()) == 1


def test_entry_without_network_is_sent_later(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    page.context.set_offline(True)
    page.get_by_text("Sem conexão.", exact=False).wait_for()
    record(page, "7,50")
    page.get_by_text("1 guardado neste aparelho", exact=False).first.wait_for()
    assert book.entries() == []
    page.context.set_offline(False)
    balance(page, "R$\u00a07,50")
    assert [entry["amount"] for entry in book.entries()] == ["7.50"]
    page.locator(".notice").wait_for(state="detached")


def test_business_day_ignores_the_browsers_zone(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book, timezone_id="Asia/Tokyo")
    page.get_by_text("mais").first.click()
    for when, amount, total in (
        ("2026-11-20T23:58", "1,00", "1,00"),
        ("2026-11-21T00:02", "2,00", "3,00"),
    ):
        page.get_by_label("Quando").fill(when)
        record(page, amount)
        balance(page, f"R$\u00a0{total}")
    days = {entry["amount"]: (entry["day"], entry["occurred_at"]) for entry in book.entries()}
    assert days == {
        "1.00": ("2026-11-20", "2026-11-20T23:58:00-03:00"),
        "2.00": ("2026-11-21", "2026-11-21T00:02:00-03:00"),
    }


def test_clock_around_midnight_in_tokyo(sign_in: Callable[..., Any], book: Book) -> None:
    """The browser's clock and the service's `Date` say 23:58, then 00:02; nobody types a time."""
    page = sign_in(book, timezone_id="Asia/Tokyo")
    page.wait_for_load_state("networkidle")
    midnight = datetime.now(SAO_PAULO).replace(hour=0, minute=0, second=0, microsecond=0)
    moments: list[datetime] = []

    def redate(route: Any) -> None:
        response = route.fetch()
        date = format_datetime(moments[-1].astimezone(UTC), usegmt=True)
        route.fulfill(response=response, headers={**response.headers, "date": date})

    page.route("**/v1/**", redate)
    for minutes, amount, total in ((-2, "1,00", "1,00"), (2, "2,00", "3,00")):
        moments.append(midnight + timedelta(minutes=minutes))
        page.clock.set_fixed_time(moments[-1])
        record(page, amount)
        balance(page, f"R$\u00a0{total}")
    page.unroute("**/v1/**")
    day, day_before = f"{midnight:%Y-%m-%d}", f"{midnight - timedelta(days=1):%Y-%m-%d}"
    assert {entry["amount"]: entry["occurred_at"] for entry in book.entries()} == {
        "1.00": f"{day_before}T23:58:00-03:00",
        "2.00": f"{day}T00:02:00-03:00",
    }


def test_lost_response_records_once(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    lost: list[str] = []

    def lose(route: Any) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/v1/entries", lose)
    record(page, "4,00")
    page.get_by_text("1 guardado neste aparelho", exact=False).first.wait_for()
    balance(page, "R$\u00a04,00")
    page.locator(".notice").wait_for(state="detached")
    assert len(lost) == 1
    assert [entry["amount"] for entry in book.entries()] == ["4.00"]


def test_amounts_are_read_as_people_write_them(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book, viewport={"width": 1280, "height": 800})
    for wrong in ("-5", "abc", "0", "1.23.4"):
        record(page, wrong)
        page.get_by_text("Escreva um valor maior que zero").wait_for()
    for typed, total in (("1.234,56", "1.234,56"), ("1234.56", "2.469,12"), ("1234,5", "3.703,62")):
        record(page, typed)
        balance(page, f"R$\u00a0{total}")
