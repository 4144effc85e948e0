"""Take screenshots of the page on a temporary local cluster: those of the documents, or all.

Without options it rewrites docs/images. `--all FOLDER` takes every view and state at 360 and 1280
pixels, light and dark. Run `python3 -m local.setup pages` before; it installs the browser.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from local.paths import PROJECT
from verification.commands import VerificationError, progress, run_command
from verification.headless import chromium_browser, signed_in_page
from verification.screenshots.png_palette import with_palette

if TYPE_CHECKING:
    from verification.local_cluster import LocalCluster
    from verification.screenshots.shots import Shot

IMAGES = PROJECT / "docs" / "images"
WIDTHS = {360: 740, 1280: 800}
THEMES = ("light", "dark")
OF_DOCUMENTS = {
    ("today", 360, "light"),
    ("today", 360, "dark"),
    ("today", 1280, "light"),
    ("month", 1280, "dark"),
    ("check", 360, "light"),
    ("check-wrong", 360, "light"),
    ("bank-preview", 1280, "light"),
    ("accountant", 1280, "light"),
    ("entry-category", 360, "dark"),
    ("today-offline", 360, "light"),
    ("today-error", 360, "light"),
    ("empty-today", 360, "light"),
}


class Picture(NamedTuple):
    """A shot at a width and in a theme."""

    shot: "Shot"
    width: int
    theme: str


def main() -> int:
    """Start a cluster, fill a book, and take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m verification.screenshots", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every view and state")
    parser.add_argument(
        "--only", type=_pattern, default="", help="only pictures whose name matches this pattern"
    )
    arguments = parser.parse_args()
    from verification.local_cluster import local_cluster

    folder = arguments.all or IMAGES
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VerificationError(f"no pictures can be written: {error}") from None
    with local_cluster(progress, "--temporary") as cluster, chromium_browser() as chromium:
        for picture in _pictures(cluster, arguments):
            png = _take(chromium, cluster.endpoints["base_url"], picture, bool(arguments.all))
            path = folder / f"{picture.shot.name}-{picture.width}-{picture.theme}.png"
            path.write_bytes(png)
            progress(f"  {path.name}: {len(png) // 1024} KiB")
    return 0


def _pattern(word: str) -> str:
    try:
        re.compile(word)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{word!r} is not a pattern: {error}") from None
    return word


def _pictures(cluster: "LocalCluster", arguments: argparse.Namespace) -> "Iterator[Picture]":
    from local.demo_client import ApiClient
    from local.demo_users import access_token
    from verification.screenshots.book import fill_book
    from verification.screenshots.shots import shots

    endpoints = cluster.endpoints
    client = ApiClient(endpoints["base_url"], access_token(cluster.paths, "operator"))
    bank_file = fill_book(client, endpoints["aws_endpoint_url"], datetime.now(UTC))
    for shot in shots(bank_file):
        for width in WIDTHS:
            for theme in THEMES:
                is_wanted = arguments.all or (shot.name, width, theme) in OF_DOCUMENTS
                if is_wanted and re.search(arguments.only, shot.name):
                    yield Picture(shot, width, theme)


def _take(chromium: Any, base_url: str, picture: "Picture", is_whole: bool) -> bytes:
    """Sign in as the shot's user, follow its steps; return a PNG of the window, or whole page."""
    shot, width, theme = picture
    page = signed_in_page(
        chromium,
        f"{base_url}/{shot.view}",
        shot.user,
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=theme,
    )
    shot.steps(page)
    is_dialog = page.locator("dialog[open]").count() > 0
    png: bytes = page.screenshot(full_page=is_whole and not is_dialog)
    page.context.close()
    return png if is_whole else with_palette(png)


if __name__ == "__main__":
    sys.exit(run_command(main, when_interrupted="the pictures taken so far are kept."))
