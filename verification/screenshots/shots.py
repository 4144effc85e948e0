"""What is photographed: each view, and each of its states, with the steps that lead to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the address of its view, and the steps from there to its state."""

    name: str
    view: str
    steps: Callable[[Any], None] = lambda page: None
    user: str | None = "accountant"


VIEWS = ("today", "month", "entries", "days", "bank", "accountant")


def shots(bank_file: bytes) -> Iterator[Shot]:
    """Yield all pictures, in an order in which no state spoils a later one."""
    yield from _today()
    yield Shot("month", "#month")
    yield Shot("month-table", "#month", lambda page: page.get_by_text("Tabela").first.click())
    yield Shot("entries", "#entries")
    yield Shot("entries-filters", "#entries?category=sales&type=credit")
    yield Shot("entries-none", "#entries?q=xyz")
    yield Shot("entry", "#entries?q=farinha", _open_entry)
    yield Shot("entry-category", "#entries?q=farinha", _correct_category)
    yield Shot("entry-reversal", "#entries?q=farinha", _open_reversal)
    yield Shot("entry-proof", "#entries?q=farinha", _prove_entry)
    yield from _days()
    yield from _bank(bank_file)
    yield Shot("accountant", "#accountant")
    yield Shot("keys", "#today", lambda page: page.get_by_role("button", name="Teclas").click())
    yield from _in_english()
    for view in VIEWS:
        yield Shot(f"empty-{view}", f"#{view}", user="rival")
    yield Shot("today-viewer", "#today", user="viewer")
    yield Shot("session-ended", "#today", _end_session)
    yield Shot("accountant-wrong", "#accountant", _save_wrong_terms)
    yield Shot("sign-in", "", user=None)
    yield Shot("sign-in-wrong", "", _give_wrong_password, user=None)
    yield Shot("docs", "docs", _open_operation, user=None)
    yield Shot("today-recorded", "#today", lambda page: _type_amount(page, "18,50"))


def _in_english() -> Iterator[Shot]:
    for view in VIEWS:
        yield Shot(f"english-{view}", f"#{view}?lang=en")
    yield Shot("english-empty", "#today?lang=en", user="rival")
    yield Shot("english-more", "#today?lang=en", lambda page: _click(page, "more"))
    yield Shot("english-entry", "#entries?q=farinha&lang=en", _open_entry)
    yield Shot("english-check", "#days?lang=en", lambda page: _check(page, "what was closed."))
    yield Shot("english-keys", "#today?lang=en", lambda page: _click(page, "Keys"))
    yield Shot("english-error", "#today?lang=en", _fail_reads)


def _today() -> Iterator[Shot]:
    yield Shot("today", "#today")
    yield Shot("today-more", "#today", lambda page: _click(page, "mais"))
    yield Shot("today-wrong-amount", "#today", lambda page: _type_amount(page, "1.23.4"))
    yield Shot("today-offline", "#today", _record_offline)
    yield Shot("today-error", "#today", _fail_reads)
    yield Shot("today-stale", "#today", _age)
    yield Shot("today-loading", "#today", _hang_reads)


def _days() -> Iterator[Shot]:
    yield Shot("days", "#days")
    yield Shot("check", "#days", lambda page: _check(page, "Este dia é o que foi fechado."))
    yield Shot("check-wrong", "#days", _check_altered)


def _bank(bank_file: bytes) -> Iterator[Shot]:
    files = count(1)

    def choose(page: Any, content: bytes, name: str = "extrato.ofx") -> None:
        content = content.replace(b"RENDIMENTO", f"RENDIMENTO {next(files)}".encode())
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        page.locator("#bank-file").set_input_files(file)

    def preview(page: Any) -> None:
        choose(page, bank_file)
        page.get_by_label("Em qual conta").fill("bank")
        page.keyboard.press("Enter")
        page.get_by_text("TARIFA CESTA DE SERVIÇOS").wait_for()

    def question(page: Any) -> None:
        choose(page, bank_file)
        page.get_by_label("Em qual conta").wait_for()

    def photo(page: Any) -> None:
        choose(page, b"\xff\xd8\xff\xe0" + bytes(range(256)), "praia.jpg")
        page.get_by_text("Não consegui ler o arquivo").wait_for()

    def recorded(page: Any) -> None:
        preview(page)
        if page.get_by_role("button", name="É o mesmo").count():  # only the first time
            page.keyboard.press("j")
            page.keyboard.press("a")
            page.get_by_text("decidido: o mesmo").wait_for()
        page.get_by_role("button", name=re.compile("Registrar .* lançamento")).click()
        page.get_by_text("Registrado:").first.wait_for()

    yield Shot("bank", "#bank")
    yield Shot("bank-photo", "#bank", photo)
    yield Shot("bank-account", "#bank", question)
    yield Shot("bank-preview", "#bank", preview)
    yield Shot("bank-recorded", "#bank", recorded)


def _click(page: Any, text: str) -> None:
    page.get_by_text(text).first.click()


def _end_session(page: Any) -> None:
    page.route("**/v1/**", lambda route: route.fulfill(status=401, body="{}"))
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_text("Sua sessão terminou.").wait_for()


def _save_wrong_terms(page: Any) -> None:
    page.get_by_label("CPF ou CNPJ").fill("529.982.247-26")
    page.get_by_role("button", name="Guardar").click()
    page.get_by_text("Confira os dígitos").wait_for()


def _give_wrong_password(page: Any) -> None:
    page.get_by_label("Usuário").fill("padaria")
    page.get_by_label("Senha").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()


def _open_operation(page: Any) -> None:
    page.locator("#operations-entries-record_entry .opblock-summary-control").click()
    page.get_by_role("button", name="Execute").first.wait_for()


def _prove_entry(page: Any) -> None:
    page.locator(".entry button").nth(1).click()
    page.get_by_role("button", name="Provar").click()
    page.get_by_text("Provado:").wait_for()


def _type_amount(page: Any, amount: str) -> None:
    page.get_by_label("Valor").fill(amount)
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)


def _record_offline(page: Any) -> None:
    page.context.set_offline(True)
    _type_amount(page, "7,50")
    page.get_by_text("1 guardado neste aparelho").first.wait_for()


def _fail_reads(page: Any) -> None:
    page.route("**/v1/**", lambda route: route.fulfill(status=503, body="{}"))
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator(".notice").first.wait_for()


def _hang_reads(page: Any) -> None:
    page.route("**/v1/**", lambda route: None)
    page.reload()
    page.locator("#main").wait_for()
    page.wait_for_timeout(12_000)


def _age(page: Any) -> None:
    page.route("**/v1/**", lambda route: route.abort())
    page.evaluate("const at = Date.now(); Date.now = () => at + 150_000;")
    page.get_by_text("Figuras").or_(page.locator(".stale")).first.wait_for()


def _open_entry(page: Any) -> None:
    page.locator(".entry button").first.click()
    page.locator("dialog .figure").wait_for()


def _open_reversal(page: Any) -> None:
    _open_entry(page)
    page.get_by_role("button", name="Estornar").click()


def _correct_category(page: Any) -> None:
    _open_entry(page)
    page.get_by_role("button", name="mudar").click()
    page.keyboard.type("farinha")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sempre assim").wait_for()
    page.get_by_text("registrado como").wait_for()


def _check(page: Any, result: str) -> None:
    page.locator(".day button").first.click()
    page.get_by_text(result).wait_for()


def _check_altered(page: Any) -> None:
    def alter(route: Any) -> None:
        response = route.fetch()
        route.fulfill(
            response=response, body=re.sub(r'"amount":"\d', '"amount":"9', response.text())
        )

    page.route("**/leaves?*", alter)
    _check(page, "Não confie neste dia.")
