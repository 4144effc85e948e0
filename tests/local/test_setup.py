"""Two setups in one folder take turns, and the second says that it waits."""

import fcntl
import threading
from pathlib import Path

import pytest

from local import setup


def test_second_setup_says_that_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Makefile").touch()
    monkeypatch.setattr(setup, "PROJECT", tmp_path)
    has_waited = threading.Event()

    def wait_for_the_lock() -> None:
        with setup._lock():
            has_waited.set()

    waiting = threading.Thread(target=wait_for_the_lock)
    with (tmp_path / "Makefile").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting.start()
        assert not has_waited.wait(0.2)
    waiting.join()
    assert has_waited.is_set()
    assert capfd.readouterr().err == (
        "Another setup is running in this folder; waiting for its end …\n"
    )


def test_single_setup_waits_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Makefile").touch()
    monkeypatch.setattr(setup, "PROJECT", tmp_path)
    with setup._lock():
        assert capfd.readouterr().err == ""
