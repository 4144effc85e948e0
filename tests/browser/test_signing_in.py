"""Signing in by the hosted page, and what is left of it: tokens in memory only."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local.http_client import call
from tests.browser.conftest import Book, Tab, stored
from tests.browser.test_views import AXE, check_look


def test_sign_in_leaves_only_the_view(
    sign_in: Callable[..., Any], book: Book, base_url: str
) -> None:
    page = sign_in(book, "#entries?q=caf%C3%A9")
    assert page.url == f"{base_url}#entries?q=caf%C3%A9"
    assert stored(page) == {}
    assert page.context.cookies() != []  # of the hosted page alone, and no script can read them
    assert all(cookie["httpOnly"] for cookie in page.context.cookies())


def test_reload_signs_in_without_a_question(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    page.reload()
    page.locator("#main").wait_for()
    page.get_by_text(f"{book.user}, de m-{book.user}").wait_for()
    assert stored(page) == {}


def test_wrong_password_is_said(open_tab: Callable[..., Tab], book: Book, base_url: str) -> None:
    page = open_tab().page
    page.context.add_init_script(path=str(AXE))
    page.goto(base_url)
    page.get_by_label("Usuário").fill(book.user)
    page.get_by_label("Senha").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "não conferem" in page.get_by_role("alert").text_content()
    check_look(page)


def test_demo_user_signs_in_with_one_click(open_tab: Callable[..., Tab], base_url: str) -> None:
    page = open_tab().page
    page.goto(base_url)
    page.get_by_role("button", name="viewer", exact=False).first.click()
    page.get_by_text("Seu usuário só consulta.").wait_for()


def test_ended_session_is_said_and_signed_in_again(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    page.locator("#main").wait_for()
    page.route("**/v1/**", lambda route: route.fulfill(status=401, body="{}"))
    page.evaluate("window.dispatchEvent(new Event('online'))")  # reads at once, not in a while
    alert = page.get_by_role("alert")
    alert.get_by_text("Sua sessão terminou.").wait_for()
    page.unroute("**/v1/**")
    alert.get_by_role("button", name="Entrar").click()
    page.locator(".figure").wait_for()
    alert.wait_for(state="detached")


def test_rejected_token_is_renewed_once(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    leave_one_unsent(page)
    renewed: list[str] = []

    def renew(route: Any) -> None:
        response = route.fetch()
        renewed.append(f"Bearer {response.json()['access_token']}")
        route.fulfill(response=response)

    def reject_the_first_token(route: Any) -> None:
        if route.request.headers["authorization"] in renewed:
            route.continue_()
        else:
            route.fulfill(status=401, body="{}")

    page.route("**/oauth2/token", renew)
    page.route("**/v1/**", reject_the_first_token)
    page.context.set_offline(False)
    page.locator(".amount.large", has_text="R$\u00a07,50").wait_for()
    page.locator(".notice").wait_for(state="detached")
    assert len(renewed) == 1 and page.get_by_text("Sua sessão terminou.").count() == 0
    assert [entry["amount"] for entry in book.entries()] == ["7.50"]


def test_unsent_entry_outlasts_the_session(sign_in: Callable[..., Any], book: Book) -> None:
    page = sign_in(book)
    leave_one_unsent(page)
    page.route("**/v1/**", lambda route: route.fulfill(status=401, body="{}"))
    page.context.set_offline(False)
    page.get_by_role("alert").get_by_text("Anote o que ainda não foi enviado").wait_for()
    page.locator(".waiting-entry").get_by_text("7,50").wait_for()
    assert book.entries() == []


def test_signing_out_leaves_nothing(sign_in: Callable[..., Any], book: Book, base_url: str) -> None:
    book.record("98.76", description="Segredo")
    page = sign_in(book)
    page.get_by_text("Segredo").wait_for()
    page.get_by_role("button", name="Sair").click()
    page.get_by_label("Senha").wait_for()
    page.go_back()
    page.get_by_label("Senha").wait_for()  # the dashboard has no session, and returns here
    assert "Segredo" not in page.content() and "98,76" not in page.content()
    page.goto(base_url)
    page.get_by_label("Senha").wait_for()  # the hosted page's session has ended, too
    assert stored(page).keys() <= {"sign-in"}


def test_hosted_page_accepts_only_its_own_forms(
    open_tab: Callable[..., Tab], base_url: str
) -> None:
    page = open_tab().page
    page.goto(base_url)
    page.get_by_label("Senha").wait_for()
    hosted = urlsplit(page.url)
    query = parse_qs(hosted.query)
    assert query["code_challenge_method"] == ["S256"]
    origin = f"{hosted.scheme}://{hosted.netloc}"
    form = "username=viewer&password=x&form_token=guessed"
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call("POST", f"{origin}/login", sent, form).status == 400
    without_challenge = hosted.query.replace("code_challenge", "ignored")
    assert call("GET", f"{origin}/oauth2/authorize?{without_challenge}", {}, "").status == 400
    elsewhere = hosted.query.replace("redirect_uri=http", "redirect_uri=http%3A%2F%2Fevil")
    assert call("GET", f"{origin}/oauth2/authorize?{elsewhere}", {}, "").status == 400


def leave_one_unsent(page: Any) -> None:
    """Record an entry without a network; it stays off."""
    page.locator(".figure").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.get_by_label("Valor").fill("7,50")
    page.keyboard.press("Enter")
    page.get_by_text("1 guardado neste aparelho").first.wait_for()
