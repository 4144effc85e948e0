"""A server ends with its owner, whatever happens to the owner."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.managed_process import Order, start_guarded
from local.paths import PROJECT
from local.process_tree import descendants
from tests.local.processes import alive, until

# A server that starts a child in a session of its own and forgets it, as servers do.
SERVER = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("up", flush=True)
time.sleep(600)
"""
OWNER = f"""
import sys, time
from local.guarded import Order, start_guarded
order = Order(command=[sys.executable, "-c", '''{SERVER}'''], log=sys.argv[1], remove=[sys.argv[2]])
print(start_guarded(order).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def order(log: Path, program: str = SERVER, **more: object) -> Order:
    return Order(command=[sys.executable, "-c", program], log=str(log), **more)  # type: ignore[arg-type]


def waits_for_a_lock(pids: list[int]) -> bool:
    """Say whether the kernel has one of these processes wait for a lock (proc_locks(5))."""
    waiting = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(words[1] == "->" and int(words[5]) in pids for words in waiting)


def says_up(log: Path) -> bool:
    return log.exists() and "up" in log.read_text()


def test_a_stop_ends_the_server_and_the_children_that_it_forgot(log: Path) -> None:
    guarded = start_guarded(order(log))
    assert until(lambda: says_up(log))
    family = [guarded.pid, *descendants(guarded.pid)]
    assert len(family) == 2
    guarded.stop()
    assert alive(family) == []


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_killed_owner_leaves_no_process_and_no_folder(
    death: int, log: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(log), str(temporary)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        assert until(lambda: says_up(log))
        family = descendants(owner.pid)
        assert server in family and len(family) == 3  # the guardian, the server, its child
        owner.send_signal(death)
    assert until(lambda: alive(family) == [])
    assert not temporary.exists()


def test_a_killed_guardian_takes_the_server_with_it(log: Path) -> None:
    guarded = start_guarded(order(log, "import time; print('up', flush=True); time.sleep(600)"))
    assert until(lambda: says_up(log))
    guarded.guardian.kill()
    assert until(lambda: alive([guarded.pid]) == [])
    guarded.stop()


def test_a_frozen_server_is_killed_when_its_patience_is_over(log: Path) -> None:
    guarded = start_guarded(order(log, grace_seconds=0.2))
    assert until(lambda: says_up(log))
    family = [guarded.pid, *descendants(guarded.pid)]
    guarded.freeze()
    guarded.stop()
    assert alive(family) == []


def test_a_server_that_ends_by_itself_is_noticed(log: Path) -> None:
    guarded = start_guarded(order(log, "raise SystemExit(3)"))
    assert guarded.guardian.wait(30) == 3
    assert not guarded.running()
    guarded.stop()


def test_a_second_guardian_waits_for_the_first(log: Path, tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    first = start_guarded(order(log, lock=lock))
    waiting = subprocess.Popen(
        [sys.executable, "-c", OWNER.replace("log=", f"lock={lock!r}, log="), str(log), "/none"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    assert until(lambda: waits_for_a_lock(descendants(waiting.pid)))
    assert waiting.stdout is not None
    os.set_blocking(waiting.stdout.fileno(), False)
    assert not waiting.stdout.read()
    first.stop()
    assert until(lambda: bool(waiting.stdout and waiting.stdout.read()))
    family = descendants(waiting.pid)
    waiting.kill()
    waiting.wait()
    assert until(lambda: alive(family) == [])
