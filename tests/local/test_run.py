"""`make run` from the outside: its messages, the data it keeps, and no process outliving it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.cloud import remove_cloud
from local.demo_users import access_token
from local.paths import PROJECT, Paths
from local.processes import descendants
from local.running import read_endpoints
from tests.local.processes import alive, as_in_a_terminal, mentioning, until
from verification.kit.api_client import ApiClient, Response, Transport, over_http


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    paths = Paths(tmp_path / "local")
    yield paths
    remove_cloud(paths)


class Running(NamedTuple):
    paths: Paths
    make: "subprocess.Popen[str]"


@pytest.fixture(scope="module")
def shared_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running cloud for the tests that leave it running, and for the last one, which kills it."""
    paths = Paths(tmp_path_factory.mktemp("shared") / "local")
    with running(paths) as cloud:
        yield Running(paths, cloud)
    remove_cloud(paths)


@pytest.fixture
def shared(shared_cloud: Running) -> Paths:
    return shared_cloud.paths


def make(paths: Paths, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
    return start(paths, str(shutil.which("make")), "-s", *arguments, **options)


def local(paths: Paths, *arguments: str) -> "subprocess.Popen[str]":
    return start(paths, sys.executable, "-m", "local", *arguments)


def start(paths: Paths, *command: str, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=os.environ | {"LIVRO_LOCAL": str(paths.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=as_in_a_terminal,  # noqa: PLW1509 - no threads here
        **options,
    )


@contextmanager
def running(paths: Paths) -> Iterator["subprocess.Popen[str]"]:
    with make(paths, "run", start_new_session=True) as cloud:
        ready = until(lambda: paths.endpoints.exists() or cloud.poll() is not None, 120)
        assert ready and cloud.poll() is None, cloud.communicate()[1]
        try:
            yield cloud
        finally:
            cloud.terminate()
            cloud.communicate()


def interrupt(cloud: "subprocess.Popen[str]") -> int:
    """Do what Ctrl-C in a terminal does: interrupt make and everything that it runs."""
    os.killpg(cloud.pid, signal.SIGINT)
    cloud.communicate()
    return cloud.returncode


def api(paths: Paths, user: str = "operator") -> ApiClient:
    return ApiClient(over_http(read_endpoints(paths)["base_url"]), access_token(paths, user))


def record(paths: Paths, key: str) -> Response:
    return api(paths).post("/v1/entries", {"type": "credit", "amount": "12.34"}, key)


def listening(pids: list[int]) -> set[str]:
    """Return the addresses on which these processes listen (proc_net(5))."""
    sockets = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed in the meantime
                sockets.add(str(descriptor.readlink()))
    result = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                result.add(words[1].partition(":")[0])
    return result


def test_data_survives_ctrl_c_and_restart(paths: Paths) -> None:
    with running(paths) as cloud:
        before = read_endpoints(paths)
        first = record(paths, "first").json
        interrupt(cloud)
    assert mentioning(str(paths.root)) == []
    assert not paths.endpoints.exists()
    with running(paths) as cloud:
        after = read_endpoints(paths)
        replayed = record(paths, "first")
        assert (replayed.json, replayed.headers["idempotent-replayed"]) == (first, "true")
        # Projection continues: an entry recorded after the restart reaches the balance.
        newest = record(paths, "new").json
        api(paths).wait_for(newest)
        shown = api(paths, "viewer").get(f"/v1/daily-balances/{newest['day']}").json
        assert shown["closing"] == "24.68"
        family = [cloud.pid, *descendants(cloud.pid)]
        cloud.send_signal(signal.SIGINT)  # only to make, as a program would send it
        printed = cloud.communicate()[1]
        assert until(lambda: alive(family) == [])
    assert "sign in as accountant by one click" in printed
    address = next(line.strip() for line in printed.splitlines() if "http" in line)
    assert address == f"{after['base_url']}/"  # the page comes first
    assert after["base_url"] == before["base_url"]
    assert after["servers"]["postgres"]["port"] == before["servers"]["postgres"]["port"]


def test_ctrl_c_during_start_prints_no_traceback(paths: Paths) -> None:
    with make(paths, "run", start_new_session=True) as cloud:
        result = [cloud.stderr.readline() for _ in range(3)]  # type: ignore[union-attr]
        os.killpg(cloud.pid, signal.SIGINT)
        result.append(cloud.communicate()[1])
    assert "Traceback" not in "".join(result)
    assert mentioning(str(paths.root)) == []


def test_kill_9_of_python_loses_nothing(paths: Paths) -> None:
    with running(paths) as cloud:
        check_kill_9(Running(paths, cloud), int(paths.lock.read_text()))


def check_kill_9(cloud: Running, pid: int) -> None:
    """Kill a process of a cloud; no process may be left, and no entry may be lost."""
    paths = cloud.paths
    record(paths, "first")
    family = [cloud.make.pid, *descendants(cloud.make.pid)]
    assert listening(alive(family)) == {socket.inet_aton("127.0.0.1")[::-1].hex().upper()}
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: alive(family) == [] and mentioning(str(paths.root)) == [])
    assert not paths.endpoints.exists()
    saved = (paths.emulator / "state" / "dynamodb.json").read_text()
    assert "12.34" in saved or "1234" in saved


def test_second_run_fails_with_a_sentence(shared: Paths) -> None:
    with make(shared, "run") as second:
        result = second.communicate()[1]
    assert second.returncode != 0
    assert "already runs here" in result and shared.lock.read_text() in result
    assert record(shared, "still").status == 201


def test_token_command_prints_only_a_token(shared: Paths) -> None:
    with local(shared, "token", "rival") as command:
        token, errors = command.communicate()
    assert token.count(".") == 2 and token.strip() == token.rstrip("\n")
    assert errors == ""
    with local(shared, "token", "nobody") as command:
        assert "There is no demo user 'nobody'" in command.communicate()[1]
    assert shared.passwords.stat().st_mode & 0o777 == 0o600
    assert shared.emulator.stat().st_mode & 0o777 == 0o700


def test_chalice_local_serves_same_entries(shared: Paths) -> None:
    entry = record(shared, "seen-by-both").json
    token = access_token(shared, "viewer")
    with make(shared, "chalice-local") as routes, ExitStack() as at_end:
        at_end.callback(routes.kill)
        assert routes.stderr is not None
        send, path = over_http(routes.stderr.readline().split()[-1]), f"/v1/entries/{entry['id']}"
        assert until(lambda: responds(send, path))
        assert ApiClient(send, token).get(path).json == entry
        assert ApiClient(send, f"{token[:-8]}forgedXX").get(path).status == 401
        family = descendants(routes.pid)
        assert family
    assert until(lambda: alive(family) == [])


def responds(send: Transport, path: str) -> bool:
    try:
        return ApiClient(send, None).get(path).status == 401
    except OSError:
        return False


def test_killed_store_restarts_on_same_port(shared: Paths) -> None:
    before = read_endpoints(shared)["servers"]
    stores = ("postgres", "valkey")
    for name in stores:
        os.kill(before[name]["pid"], signal.SIGKILL)
    newest = record(shared, "meanwhile")
    assert newest.status == 201

    def now(name: str) -> dict[str, int]:
        server: dict[str, int] = read_endpoints(shared)["servers"][name]
        return server

    assert until(lambda: all(now(name)["pid"] != before[name]["pid"] for name in stores))
    assert now("postgres")["port"] == before["postgres"]["port"]
    api(shared).wait_for(newest.json)


def test_token_without_running_cloud_is_an_error(paths: Paths) -> None:
    with local(paths, "token") as command:
        assert "No laptop cloud runs here" in command.communicate()[1]
    assert command.returncode != 0


def test_kill_9_of_make_loses_nothing(shared_cloud: Running) -> None:
    check_kill_9(shared_cloud, shared_cloud.make.pid)
