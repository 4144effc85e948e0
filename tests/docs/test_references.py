"""Commands, modules and pages that the project's texts name exist."""

import re

import pytest

from tests.house.source import ROOT
from tests.house.test_words import PATHS, text

PAGES = ["README.md", *(f"{page.relative_to(ROOT)}" for page in sorted(ROOT.glob("docs/**/*.md")))]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
LIBRARIES = {"chalice", "cProfile", "json.tool", "pip", "pytest", "ruff", "venv", "ministack"}


def test_named_make_commands_exist() -> None:
    named = [
        (path, target)
        for path in PATHS
        for target in re.findall(r"`make ([a-z][a-z-]*)", text(path))
    ]
    assert len(named) > 20
    assert [(path, target) for path, target in named if target not in TARGETS] == []


def test_named_python_modules_exist() -> None:
    named = [
        (path, module.rstrip("."))
        for path in PATHS
        for module in re.findall(r"python3? -m ([a-z][\w.]*)", text(path))
    ]
    assert len(named) > 20
    assert [(path, module) for path, module in named if not is_runnable(module)] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)", text(page))
    folder = (ROOT / page).parent
    assert [target for target, _ in targets if not (folder / target).exists()] == []


def is_runnable(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    runnable = path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
    return runnable or module in LIBRARIES
