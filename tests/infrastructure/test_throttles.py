"""What the gateway admits at once may also run at once."""

import re
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.api import web_pages
from deploy.gateway_settings import PAGES
from infrastructure.functions import REST
from infrastructure.sizes import (
    ENTRY_SECONDS,
    SIZES,
    SLOWEST_IMPORT_SECONDS,
    SLOWEST_STATEMENT_SECONDS,
    SMALL,
)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_slow_requests_leave_calls_for_writes(size: Any) -> None:
    throttles = [size.statements, size.statement_heads]  # of each of the two routes
    statements = sum(part.burst + part.rate * SLOWEST_STATEMENT_SECONDS for part in throttles) * 2
    imports = size.imports.burst + size.imports.rate * SLOWEST_IMPORT_SECONDS  # of each of three
    writes = size.writes.rate * ENTRY_SECONDS
    assert statements + 3 * imports + writes <= size.reservations()[REST]


READ_SECONDS = 0.06  # of a warm read with its waits, by python -m infrastructure.cost
PAGE_SECONDS = 0.02  # of a warm call that reaches no store


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_admitted_bursts_may_run_at_once(size: Any) -> None:
    """Otherwise Lambda rejects calls, and clients get 503 instead of the gateway's 429."""
    writes = size.writes.burst + size.writes.rate * ENTRY_SECONDS
    reads = size.reads.burst + size.reads.rate * READ_SECONDS
    assets = size.pages.burst + size.pages.rate * PAGE_SECONDS  # all at once, after their page
    assert writes + reads + assets <= size.reservations()[REST]


def test_a_page_loads_at_once() -> None:
    folder = Path(web_pages.__file__).parents[1] / "pages"
    asset = re.compile(r'<(?:link|script)\b[^>]*="\$\w+"')
    loaded = {path.stem: len(asset.findall(path.read_text())) for path in folder.glob("*.html")}
    assert loaded == {"dashboard": SMALL.pages.burst, "docs": SMALL.pages.burst}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_strangers_leave_calls_for_entries(size: Any) -> None:
    """Even if all methods that need no token are called as often as their rates admit."""
    free = [
        path
        for path, methods in app.app.routes.items()
        for method, route in methods.items()
        if route.authorizer is None and method != "OPTIONS"
    ]
    rates = [size.pages.rate if path in PAGES else size.public.rate for path in free]
    assert sum(rates) * PAGE_SECONDS + size.writes.burst + 2 <= size.reservations()[REST]
