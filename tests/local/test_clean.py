"""Removing the laptop's data takes no arguments, and removes nothing where any are given."""

import sys
from pathlib import Path
from typing import Any

import pytest

from local import clean
from local.paths import ENVIRONMENT


@pytest.mark.parametrize(("words", "is_removed"), [([], True), (["--help"], False), (["x"], False)])
def test_arguments_remove_nothing(
    words: list[str], is_removed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[Path] = []

    def remove(folder: Path, **_: Any) -> None:
        removed.append(folder)

    monkeypatch.setattr("local.clean.shutil.rmtree", remove)
    monkeypatch.setattr(clean, "is_running", lambda _paths: False)
    monkeypatch.setattr(clean, "PROJECT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["clean", *words])
    try:
        assert clean.main() == 0
    except SystemExit:
        assert words
    assert (ENVIRONMENT in removed) is is_removed
    assert bool(removed) is is_removed
