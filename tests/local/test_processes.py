"""A server ends with the process that started it, however that process ends."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import PROJECT
from local.processes import ProcessSpec, descendants, start_process
from tests.local.processes import alive, until

# A server with a detached child process.
SERVER = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("up", flush=True)
time.sleep(600)
"""
PARENT = f"""
import sys, time
from local.processes import ProcessSpec, start_process
command = [sys.executable, "-c", '''{SERVER}''']
spec = ProcessSpec(command, log=sys.argv[1], remove=[sys.argv[2]])
print(start_process(spec).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def spec(log: Path, program: str = SERVER, **more: object) -> ProcessSpec:
    return ProcessSpec(command=[sys.executable, "-c", program], log=str(log), **more)  # type: ignore[arg-type]


def says_up(log: Path) -> bool:
    return log.exists() and "up" in log.read_text()


def test_stop_ends_server_and_detached_children(log: Path) -> None:
    server = start_process(spec(log))
    assert until(lambda: says_up(log))
    family = [server.pid, *descendants(server.pid)]
    assert len(family) == 2
    server.stop()
    assert alive(family) == []


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_killed_parent_leaves_no_process_or_folder(death: int, log: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(log), str(temporary)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        assert until(lambda: says_up(log))
        family = descendants(parent.pid)
        assert server in family and len(family) == 3  # the supervisor, the server, its child
        parent.send_signal(death)
    assert until(lambda: alive(family) == [])
    assert not temporary.exists()


def test_killed_supervisor_ends_the_server(log: Path) -> None:
    server = start_process(spec(log, "import time; print('up', flush=True); time.sleep(600)"))
    assert until(lambda: says_up(log))
    server.supervisor.kill()
    assert until(lambda: alive([server.pid]) == [])
    server.stop()


def test_frozen_server_is_killed_after_grace_period(log: Path) -> None:
    server = start_process(spec(log, grace_seconds=0.2))
    assert until(lambda: says_up(log))
    family = [server.pid, *descendants(server.pid)]
    server.freeze()
    server.stop()
    assert alive(family) == []


def test_crashed_server_is_noticed(log: Path) -> None:
    server = start_process(spec(log, "raise SystemExit(3)"))
    assert server.supervisor.wait(30) == 3
    assert not server.running()
    server.stop()


def test_parent_gone_before_the_start_leaves_nothing(log: Path, tmp_path: Path) -> None:
    lock, temporary = tmp_path / "lock", tmp_path / "temporary"
    temporary.mkdir()
    request = spec(log, lock=str(lock), remove=[str(temporary)])
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = [sys.executable, "-S", "-m", "local.supervisor", json.dumps(vars(request))]
        pipe = subprocess.PIPE
        supervisor = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=PROJECT
        )
        assert supervisor.stdin and supervisor.stdout and supervisor.stderr
        supervisor.stdin.close()
        supervisor.stdout.close()
    assert supervisor.stderr.read() == ""
    assert supervisor.wait(30) == 256 - signal.SIGTERM
    assert not temporary.exists()


def test_second_supervisor_waits_for_first(log: Path, tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    first = start_process(spec(log, lock=lock))
    waiting = subprocess.Popen(
        [sys.executable, "-c", PARENT.replace("log=", f"lock={lock!r}, log="), str(log), "/none"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    assert until(lambda: descendants(waiting.pid) != [])
    assert waiting.stdout is not None
    os.set_blocking(waiting.stdout.fileno(), False)
    assert not until(lambda: bool(waiting.stdout and waiting.stdout.read()), seconds=2)
    first.stop()
    assert until(lambda: bool(waiting.stdout and waiting.stdout.read()))
    family = descendants(waiting.pid)
    waiting.kill()
    waiting.wait()
    assert until(lambda: alive(family) == [])
