"""`make run` from the outside: what it tells, what it keeps, and that nothing outlives it."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from local.cloud import remove_cloud
from local.endpoints import read_endpoints
from local.http_client import Answer, call
from local.paths import PROJECT, Places
from local.process_tree import descendants
from local.token import access_token
from tests.local.processes import alive, ending_with_us, mentioning, until

# Those that a machine has by chance must not help.
PATH_WITHOUT_STORES = "/usr/bin:/bin"


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    places = Places(tmp_path / "local")
    yield places
    remove_cloud(places)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A running cloud for the tests that leave it running."""
    places = Places(tmp_path_factory.mktemp("shared") / "local")
    with running(places):
        yield places
    remove_cloud(places)


def make(places: Places, *words: str, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(shutil.which("make")), "-s", *words],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_LOCAL": str(places.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ending_with_us,  # noqa: PLW1509 - no threads here
        **options,
    )


@contextmanager
def running(places: Places) -> Iterator["subprocess.Popen[str]"]:
    with make(places, "run", start_new_session=True) as cloud:
        ready = until(lambda: places.endpoints.exists() or cloud.poll() is not None, 120)
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


def record(places: Places, key: str) -> Answer:
    headers = {
        "Authorization": f"Bearer {access_token(places, 'operator')}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    url = read_endpoints(places)["base_url"] + "/v1/entries"
    return call("POST", url, headers, json.dumps({"type": "credit", "amount": "12.34"}))


def balance(places: Places, day: str, after: str) -> Any:
    headers = {"Authorization": f"Bearer {access_token(places, 'viewer')}"}
    path = f"/v1/daily-balances/{day}?after={after}"
    return call("GET", read_endpoints(places)["base_url"] + path, headers).body


def listening(pids: list[int]) -> set[str]:
    """Answer the addresses on which these processes listen (proc_net(5))."""
    sockets = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed while we looked
                sockets.add(str(descriptor.readlink()))
    result = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                result.add(words[1].partition(":")[0])
    return result


def test_ctrl_c_keeps_the_data_and_the_next_start_carries_on(places: Places) -> None:
    with running(places) as cloud:
        before = read_endpoints(places)
        first = record(places, "kept").body
        interrupt(cloud)
    assert mentioning(str(places.root)) == []
    assert not places.endpoints.exists()
    with running(places) as cloud:
        after = read_endpoints(places)
        replayed = record(places, "kept")
        assert replayed.body == first
        assert replayed.headers["Idempotent-Replayed"] == "true"
        # The stream is read on: an entry that comes after the restart reaches the balance.
        newest = record(places, "new").body
        shown = balance(places, newest["day"], newest["id"])
        assert (shown["closing"], shown["freshness"]["complete"]) == ("24.68", True)
        family = [cloud.pid, *descendants(cloud.pid)]
        cloud.send_signal(signal.SIGINT)  # to make alone, as a program would send it
        cloud.communicate()
        assert until(lambda: alive(family) == [])
    assert after["base_url"] == before["base_url"]
    assert after["servers"]["postgres"]["port"] == before["servers"]["postgres"]["port"]


def test_ctrl_c_in_the_midst_of_a_start_stops_it_without_a_word_of_python(places: Places) -> None:
    with make(places, "run", start_new_session=True) as cloud:
        result = [cloud.stderr.readline() for _ in range(3)]  # type: ignore[union-attr]
        os.killpg(cloud.pid, signal.SIGINT)
        result.append(cloud.communicate()[1])
    assert "Traceback" not in "".join(result)
    assert mentioning(str(places.root)) == []


@pytest.mark.parametrize("victim", ["make", "python"])
def test_kill_minus_nine_leaves_no_process_and_loses_nothing(places: Places, victim: str) -> None:
    with running(places) as cloud:
        record(places, "kept")
        family = [cloud.pid, *descendants(cloud.pid)]
        assert listening(alive(family)) == {socket.inet_aton("127.0.0.1")[::-1].hex().upper()}
        pid = cloud.pid if victim == "make" else int(places.lock.read_text())
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: alive(family) == [] and mentioning(str(places.root)) == [])
    assert not places.endpoints.exists()
    saved = (places.emulator / "state" / "dynamodb.json").read_text()
    assert "12.34" in saved or "1234" in saved


def test_a_second_run_is_refused_in_a_sentence(shared: Places) -> None:
    with make(shared, "run") as second:
        result = second.communicate()[1]
    assert second.returncode != 0
    assert "already runs here" in result and shared.lock.read_text() in result
    assert record(shared, "still").status == 201


def test_make_token_prints_just_a_token_of_that_user(shared: Places) -> None:
    with make(shared, "token", "USER=rival") as request:
        token, complaints = request.communicate()
    assert token.count(".") == 2 and token.strip() == token.rstrip("\n")
    assert complaints == ""
    with make(shared, "token", "USER=nobody") as request:
        assert "There is no demo user 'nobody'" in request.communicate()[1]
    assert shared.passwords.stat().st_mode & 0o777 == 0o600
    assert shared.emulator.stat().st_mode & 0o777 == 0o700


def test_chalice_local_serves_the_same_book_and_ends_with_make(shared: Places) -> None:
    entry = record(shared, "seen-by-both").body
    token = {"Authorization": f"Bearer {access_token(shared, 'viewer')}"}
    forged = {"Authorization": f"Bearer {access_token(shared, 'viewer')[:-8]}forgedXX"}
    with make(shared, "chalice-local") as routes, killed_afterwards(routes):
        assert routes.stderr is not None
        url = routes.stderr.readline().split()[-1] + f"/v1/entries/{entry['id']}"
        assert until(lambda: answers(url))
        assert call("GET", url, token).body == entry
        assert call("GET", url, forged).status == 401
        family = descendants(routes.pid)
        assert family
    assert until(lambda: alive(family) == [])


@contextmanager
def killed_afterwards(program: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        program.kill()


def answers(url: str) -> bool:
    try:
        return call("GET", url, {}).status == 401
    except OSError:
        return False


def test_a_fallen_store_is_started_again_on_its_port(shared: Places) -> None:
    before = read_endpoints(shared)["servers"]
    for name in ("postgres", "valkey"):
        os.kill(before[name]["pid"], signal.SIGKILL)
    newest = record(shared, "meanwhile")
    assert newest.status == 201
    assert until(lambda: pids_differ(shared, before))
    after = read_endpoints(shared)["servers"]
    assert after["postgres"]["port"] == before["postgres"]["port"]
    day, entry_id = newest.body["day"], newest.body["id"]
    assert until(lambda: balance(shared, day, entry_id)["freshness"]["complete"])


def pids_differ(places: Places, before: dict[str, dict[str, int]]) -> bool:
    now = read_endpoints(places)["servers"]
    return all(now[name]["pid"] != before[name]["pid"] for name in ("postgres", "valkey"))


def test_make_token_without_a_running_cloud_says_so(places: Places) -> None:
    with make(places, "token") as request:
        assert "No laptop cloud runs here" in request.communicate()[1]
    assert request.returncode != 0
