"""The headless browser of the pages' tests, for commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.page_tools import LIBRARIES, PageToolsError, browser
from verification.commands import VerificationError

NOT_INSTALLED = "Playwright is not installed; run `python3 -m local.setup pages`."
PATIENCE_MS = 60_000


@contextmanager
def chromium_browser() -> Iterator[Any]:
    """Start the browser; raise VerificationError, which says what to install."""
    sys.path.append(str(LIBRARIES))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise VerificationError(NOT_INSTALLED) from None
    try:
        program, environment = browser()
    except PageToolsError as error:
        raise VerificationError(str(error)) from None
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--hide-scrollbars"]
        yield playwright.chromium.launch(
            executable_path=str(program), args=options, env=environment
        )


def signed_in_page(chromium: Any, url: str, user: str | None, **options: Any) -> Any:
    """Open an address in a new profile, as a demo user unless it is None; return the page."""
    page = chromium.new_context(locale="pt-BR", **options).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    if user is None:
        page.wait_for_load_state("networkidle")
        return page
    page.get_by_role("button", name=user).first.click()
    page.locator("#main").wait_for()
    page.wait_for_load_state("networkidle")
    return page
