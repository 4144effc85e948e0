"""Every code block of the guides runs against a real local cluster; diagrams name what exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.code_blocks import code_blocks, script_of
from tests.fixtures.service import Service
from tests.house.source import ROOT

GUIDES = ["tutorial.md", "till.md", "bank-files.md", "accountants-month.md"]
LANGUAGES = {"sh", "python", "javascript", "mermaid"}
LINES = 20
SECONDS = 240
DIAGRAMS = ("flowchart LR", "flowchart TD", "sequenceDiagram", "stateDiagram-v2")


def run(script: str, paths_root: Path, scratch: Path) -> subprocess.CompletedProcess[str]:
    """Run a page's script in the project's folder, as its reader does."""
    environment = os.environ | {
        "LIVRO_LOCAL": str(paths_root),
        "SCRATCH": str(scratch),
        "TMPDIR": str(scratch),
    }
    return subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("page", GUIDES)
def test_commands_of_a_guide_run(page: str, laptop_cloud: Service, tmp_path: Path) -> None:
    assert laptop_cloud.paths is not None, "The guides need this machine's cloud."
    script = script_of(page, {"python": f"{sys.executable} py"}, ["python"])
    ran = run(script, laptop_cloud.paths.root, tmp_path)
    assert ran.returncode == 0, f"{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"


@pytest.mark.parametrize("page", [*GUIDES, "architecture.md"])
def test_every_block_has_a_known_language(page: str) -> None:
    blocks = code_blocks(page)
    assert blocks
    assert [block.language for block in blocks if block.language not in LANGUAGES] == []


def test_till_has_twenty_lines_at_most() -> None:
    for block in code_blocks("till.md"):
        lines = [line for line in block.text.splitlines() if line.strip()]
        assert len(lines) <= LINES, block.text


def test_diagrams_name_existing_packages_and_scripts() -> None:
    diagrams = [block.text for block in code_blocks("architecture.md")]
    assert len(diagrams) == 6
    for diagram in diagrams:
        assert diagram.startswith(DIAGRAMS)
        for package in re.findall(r"chalicelib/\w+", diagram):
            assert (ROOT / package / "__init__.py").is_file(), package
        for script in re.findall(r"\b(\w+\.js)\b", diagram):
            assert (ROOT / "chalicelib/pages/scripts" / script).is_file(), script


def test_pictures_of_the_guides_exist_and_are_small() -> None:
    for page in [*GUIDES, "../README.md"]:
        text = (ROOT / "docs" / page).read_text("utf-8")
        targets = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", text)
        targets += re.findall(r'<img src="([^"]+\.png)"', text)
        for target in targets:
            picture = (ROOT / "docs" / page).parent / target
            assert picture.read_bytes().startswith(b"\x89PNG")
            assert picture.stat().st_size < 100_000, target
