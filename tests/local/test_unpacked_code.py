"""The emulator unpacks a function's code once, and each process has a folder that links to it."""

import shutil
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.unpacked_code import unpack_once


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The emulator's module, as far as it is used, with temporary files of this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    replaced = SimpleNamespace(zipfile=zipfile)
    unpack_once(replaced)
    return replaced


def unpack(runtime: Any, folder: Path, content: str) -> Path:
    """Unpack a module as the emulator does for a process; return the folder with the code."""
    code = folder / "code"
    code.mkdir(parents=True)
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("package/module.py"), content)
    with runtime.zipfile.ZipFile(folder / "code.zip") as archive:
        archive.extractall(code)
    return code


def test_same_code_is_unpacked_once(runtime: Any, tmp_path: Path) -> None:
    first = unpack(runtime, tmp_path / "first", "a = 1")
    second = unpack(runtime, tmp_path / "second", "a = 1")
    assert first.resolve() == second.resolve() != second
    shutil.rmtree(tmp_path / "first")  # as the emulator does when the process has ended
    assert (second / "package" / "module.py").read_text() == "a = 1"


def test_other_code_has_another_folder(runtime: Any, tmp_path: Path) -> None:
    codes = [unpack(runtime, tmp_path / text, text) for text in ("a = 1", "a = 2")]
    assert [(code / "package" / "module.py").read_text() for code in codes] == ["a = 1", "a = 2"]
    assert runtime.zipfile.BadZipFile is zipfile.BadZipFile


def test_processes_may_start_at_once(runtime: Any, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda folder: unpack(runtime, folder, "a = 1"), folders))
    assert len({code.resolve() for code in codes}) == 1
