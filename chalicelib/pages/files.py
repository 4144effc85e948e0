"""The files of the pages: HTML templates, and assets whose names contain a hash of their content.

They are made from the sources of this package when a process first needs them, in a few
milliseconds; nothing is built beforehand.
"""

import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from chalicelib.pages.join_modules import join
from chalicelib.runtime.wiring import once

FOLDER = Path(__file__).parent
ASSETS_PATH = "assets"
"""The folder of the assets, relative to the pages."""

_MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_LIBRARIES = (
    "preact.js",
    "chart.js",
    "oauth4webapi.js",
    "swagger-ui.js",
    "swagger-ui.css",
    "licences.txt",
)
# The scripts of a page are joined from the module of its name, its styles from these files.
_PAGES = {
    "dashboard": (
        *("tokens.css", "layout.css", "controls.css"),
        *("views.css", "charts.css", "closing.css", "bank.css"),
    ),
    "docs": ("docs.css",),
}
_HASH_LETTERS = 12


class Asset(NamedTuple):
    """A file that never changes under its name."""

    content: bytes
    media_type: str


def page(name: str, values: Mapping[str, str]) -> bytes:
    """Return a page's HTML; `values` are the texts of its placeholders, which are escaped.

    The addresses of its assets are placeholders, too, such as `$dashboard_js`.
    """
    template = Template((FOLDER / f"{name}.html").read_text("utf-8"))
    addresses = {
        source.replace(".", "_").replace("-", "_"): f"{ASSETS_PATH}/{hashed}"
        for source, hashed in names().items()
    }
    texts = {key: escape(text) for key, text in values.items()}
    return template.substitute(addresses | texts).encode()


def asset(name: str) -> Asset | None:
    """Return the asset of this hashed name, or None where there is none."""
    return _made()[1].get(name)


def names() -> Mapping[str, str]:
    """Return the hashed name of each source."""
    return _made()[0]


@once
def _made() -> tuple[Mapping[str, str], Mapping[str, Asset]]:
    """Return the hashed names by source, and the assets by hashed name."""
    names: dict[str, str] = {}
    assets: dict[str, Asset] = {}

    def add(source: str, content: bytes) -> None:
        stem, ending = source.rsplit(".", 1)
        digest = hashlib.sha256(content).hexdigest()[:_HASH_LETTERS]
        names[source] = f"{stem}-{digest}.{ending}"
        assets[names[source]] = Asset(content, _MEDIA_TYPES[f".{ending}"])

    for library in _LIBRARIES:
        add(library, (FOLDER / "libraries" / library).read_bytes())
    add("icon.svg", (FOLDER / "icon.svg").read_bytes())
    for name, styles in _PAGES.items():
        scripts = join(f"{name}.js", _script, lambda library: f"./{names[library]}")
        add(f"{name}.js", scripts.encode())
        add(f"{name}.css", b"".join((FOLDER / "styles" / style).read_bytes() for style in styles))
    return names, assets


def _script(name: str) -> str:
    return (FOLDER / "scripts" / name).read_text("utf-8")
