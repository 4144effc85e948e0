"""A temporary local cluster with durable stores, for fault injection and load."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud import remove_cloud
from local.emulator import aws_client
from local.paths import PROJECT, Paths
from local.processes import descendants
from local.running import read_endpoints
from verification.commands import VerificationError

START_SECONDS = 180.0
SETTLE_SECONDS = 240.0
"""A bound against hanging on a busy machine; recovery times are measured elsewhere."""
API, PROJECTOR = "livro-caixa-laptop", "livro-caixa-laptop-projector"
Progress = Callable[[str], None]


class ClusterDownError(VerificationError):
    """The local cluster did not start or did not recover; the message has the end of its log."""


@dataclass(frozen=True)
class LocalCluster:
    """A running local cluster, its processes and the settings of its functions."""

    paths: Paths
    log: Path

    @property
    def endpoints(self) -> dict[str, Any]:
        """The cluster's current description of itself."""
        return read_endpoints(self.paths)

    def client(self, service: str) -> Any:
        """Return a boto3 client of the cluster's emulator."""
        return aws_client(self.endpoints["aws_endpoint_url"], service)

    def store_pid(self, store: str) -> int:
        """Return the process id of a store, waiting until it runs."""

        def running() -> int | None:
            pid: int = self.endpoints["servers"][store]["pid"]
            return pid if Path(f"/proc/{pid}").exists() else None

        return int(wait_until(running, f"{store} did not come back", self.log))

    def function_pids(self, function: str) -> list[int]:
        """Return the processes that run a function now."""
        variable = f"AWS_LAMBDA_FUNCTION_NAME={function}"
        emulator = self.endpoints["servers"]["emulator"]["pid"]
        return [pid for pid in descendants(emulator) if variable in _environment(pid)]

    def set_variables(self, function: str, variables: dict[str, str]) -> None:
        """Change some environment variables of a deployed function."""
        functions = self.client("lambda")
        current = functions.get_function_configuration(FunctionName=function)
        merged = current["Environment"]["Variables"] | variables
        functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": merged}
        )


@contextmanager
def local_cluster(progress: Progress, *options: str) -> Iterator[LocalCluster]:
    """Start a local cluster; stop it and remove its files at the end."""
    with tempfile.TemporaryDirectory(prefix="livro-verification-") as folder:
        paths = Paths(Path(folder) / "cloud")
        log = Path(folder) / "cloud.log"
        progress("  starting a temporary local cluster …")
        with log.open("wb") as output:
            cloud = subprocess.Popen(
                [sys.executable, "-m", "local", "run", "--parent-pid", str(os.getpid()), *options],
                cwd=PROJECT,
                env=os.environ | {"LIVRO_LOCAL": str(paths.root)},
                stderr=output,
                start_new_session=True,
            )
        try:
            end = time.monotonic() + START_SECONDS
            while not paths.endpoints.exists():
                if cloud.poll() is not None or time.monotonic() > end:
                    raise ClusterDownError(f"the local cluster did not start: {_tail(log)}")
                time.sleep(0.05)
            yield LocalCluster(paths, log)
        finally:
            cloud.terminate()
            cloud.wait()
            remove_cloud(paths)


def wait_until(
    ready: Callable[[], Any], complaint: str, log: Path, seconds: float = SETTLE_SECONDS
) -> Any:
    """Return the first result that is not empty; raise ClusterDownError if none comes in time."""
    end = time.monotonic() + seconds
    while not (result := ready()):
        if time.monotonic() > end:
            raise ClusterDownError(f"{complaint} within {seconds:.0f} s: {_tail(log)}")
        time.sleep(0.02)
    return result


def kill(pid: int) -> bool:
    """Kill a process with -9; return whether it existed."""
    return send(pid, signal.SIGKILL)


def send(pid: int, signal_number: int) -> bool:
    """Send a signal to a process; return whether it existed."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal_number)
        return True
    return False


def _environment(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # it has ended meanwhile
        return []


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
