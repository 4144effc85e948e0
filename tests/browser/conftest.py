"""One browser and one laptop cloud for all tests of the pages; a new merchant for each test.

Every page counts its requests and its errors: none may leave this machine, none may fail.
"""

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.emulator import aws_client
from local.page_tools import LIBRARIES, browser
from local.running import read_endpoints
from tests.fixtures.service import Service
from verification.kit.api_client import ApiClient, over_http

sys.path.append(str(LIBRARIES))
OPTIONS = (
    "--no-sandbox",  # the tests may run as root
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Book:
    """A merchant of one test: a user of the page, and clients of the API for it."""

    user: str
    password: str
    client: ApiClient

    def record(self, amount: str, **parts: Any) -> dict[str, Any]:
        """Record an entry through the API, and wait until the balances contain it."""
        entry = self.client.record(amount=amount, **parts)
        self.client.wait_for(entry)
        return entry

    def put(self, path: str, value: Any) -> None:
        """Set a value through the API."""
        sent = {"content_type": "application/json"}
        assert self.client.request("PUT", path, sent, json.dumps(value).encode()).status == 200

    def entries(self) -> list[dict[str, Any]]:
        """Return all entries, newest first."""
        items: list[dict[str, Any]] = self.client.get("/v1/entries?limit=200").json["items"]
        return items


@dataclass
class Tab:
    """A page of the browser, and what it did: requests by URL, errors, violations of the policy."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail("Playwright is not installed; run `make test-pages`, which installs it.")
    program, environment = browser()
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=str(program), args=list(OPTIONS), env=environment
        )


@pytest.fixture(scope="session")
def base_url(laptop_cloud: Service) -> str:
    """The address of the pages."""
    return f"{laptop_cloud.base_url}/"


@pytest.fixture(scope="session")
def hosts(laptop_cloud: Service, base_url: str) -> set[str]:
    """The hosts that pages may call: the service's and the sign-in's; "" for Blobs."""
    assert laptop_cloud.paths is not None
    token_url = read_endpoints(laptop_cloud.paths)["token_url"]
    return {urlsplit(base_url).netloc, urlsplit(token_url).netloc, ""}


@pytest.fixture(scope="session")
def make_book(laptop_cloud: Service) -> Callable[..., Book]:
    """Create a merchant with one user of a group."""
    assert laptop_cloud.paths is not None, "The tests of the pages need this machine's cloud."
    endpoints = read_endpoints(laptop_cloud.paths)
    cognito = aws_client(endpoints["aws_endpoint_url"], "cognito-idp")
    pool = {"UserPoolId": endpoints["user_pool_id"]}

    def make(group: str = "accountant") -> Book:
        name = f"{group}-{secrets.token_hex(4)}"
        password = f"Aa1-{secrets.token_hex(12)}"
        merchant = {"Name": "custom:merchant_id", "Value": f"m-{name}"}
        cognito.admin_create_user(
            **pool, Username=name, UserAttributes=[merchant], MessageAction="SUPPRESS"
        )
        cognito.admin_set_user_password(**pool, Username=name, Password=password, Permanent=True)
        cognito.admin_add_user_to_group(**pool, Username=name, GroupName=group)
        tokens = cognito.initiate_auth(
            ClientId=endpoints["people_client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
        token = tokens["AuthenticationResult"]["AccessToken"]
        return Book(name, password, ApiClient(over_http(laptop_cloud.base_url), token))

    return make


@pytest.fixture
def book(make_book: Callable[..., Book]) -> Book:
    """A merchant that no other test uses, with an accountant."""
    return make_book()


@pytest.fixture
def open_tab(chromium: Any, hosts: set[str]) -> Iterator[Callable[..., Tab]]:
    """Open a tab in a new browser profile; at the end, check what all tabs requested and logged."""
    tabs: list[Tab] = []

    def open_(**options: Any) -> Tab:
        tabs.append(new_tab(chromium, **options))
        return tabs[-1]

    yield open_
    for tab in tabs:
        close_checked(tab, hosts)


@pytest.fixture
def sign_in(open_tab: Callable[..., Tab], base_url: str) -> Callable[..., Any]:
    """Open the dashboard as a book's user, at a view with filters; return the page."""

    def sign_in_(book: Book, view: str = "", **options: Any) -> Any:
        page = open_tab(**options).page
        enter(page, book, f"{base_url}{view}")
        return page

    return sign_in_


def new_tab(chromium: Any, **options: Any) -> Tab:
    """Open a tab in a new browser profile; it notes what it requests and logs."""
    settings = {"viewport": {"width": 360, "height": 740}, "locale": "pt-BR", **options}
    context = chromium.new_context(**settings)
    context.set_default_timeout(PATIENCE_MS)
    tab = Tab(context.new_page())
    tab.page.on("request", lambda request: tab.requests.append(request.url))
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.page.on("console", lambda message: _note(tab, message))
    return tab


def close_checked(tab: Tab, hosts: set[str]) -> None:
    """Check that a tab called only these hosts and logged no error; close it."""
    assert [url for url in tab.requests if urlsplit(url).netloc not in hosts] == []
    assert tab.errors == []
    tab.page.context.close()


def enter(page: Any, book: Book, url: str) -> None:
    """Open an address of the dashboard, and sign in as a book's user."""
    page.goto(url)
    page.get_by_label("Usuário").fill(book.user)
    page.get_by_label("Senha").fill(book.password)
    page.keyboard.press("Enter")
    page.locator("#main").wait_for()


def stored(page: Any) -> dict[str, str]:
    """Return everything that the page has stored in the browser."""
    text = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    result: dict[str, str] = json.loads(text)
    return result


def _note(tab: Tab, message: Any) -> None:
    # A failed response is the test's subject or shown by the page; the browser logs it besides.
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        tab.errors.append(message.text)
