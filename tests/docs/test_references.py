"""Commands, modules and pages that the project's texts name exist."""

import re
from collections.abc import Callable

import pytest

from tests.house.source import ROOT
from tests.house.test_words import PATHS, text

PAGES = ["README.md", *(f"{page.relative_to(ROOT)}" for page in sorted(ROOT.glob("docs/**/*.md")))]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
LIBRARIES = {"chalice", "cProfile", "json.tool", "pip", "pytest", "ruff", "venv", "ministack"}


def is_runnable(module: str) -> bool:
    path = ROOT / module.rstrip(".").replace(".", "/")
    runnable = path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
    return runnable or module.rstrip(".") in LIBRARIES


@pytest.mark.parametrize(
    ("pattern", "exists"),
    [
        (r"`make ([a-z][a-z-]*)", TARGETS.__contains__),
        (r"python3? -m ([a-z][\w.]*)", is_runnable),
    ],
)
def test_named_commands_and_modules_exist(pattern: str, exists: Callable[[str], bool]) -> None:
    named = [(path, name) for path in PATHS for name in re.findall(pattern, text(path))]
    assert len(named) > 20
    assert [(path, name) for path, name in named if not exists(name)] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)", text(page))
    folder = (ROOT / page).parent
    assert [target for target, _ in targets if not (folder / target).exists()] == []
