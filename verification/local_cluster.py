"""A laptop cloud of its own for a drill or a load, durable, in a folder that goes with it."""

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

SECONDS_TO_START = 180.0
SECONDS_TO_SETTLE = 240.0
"""A bound against hanging, on however busy a machine; how long things take is told elsewhere."""
API, PROJECTOR = "livro-caixa-laptop", "livro-caixa-laptop-projector"
Tell = Callable[[str], None]


class ClusterDownError(RuntimeError):
    """The laptop cloud did not start, or did not come back; the message has the end of its log."""


@dataclass(frozen=True)
class Laptop:
    """A running laptop cloud, and the processes and settings that a drill lays hands on."""

    places: Paths
    log: Path

    @property
    def endpoints(self) -> dict[str, Any]:
        """What the cloud tells about itself now."""
        return read_endpoints(self.places)

    def client(self, service: str) -> Any:
        """Return a boto3 client of the cloud's emulator."""
        return aws_client(self.endpoints["aws_endpoint_url"], service)

    def server(self, store: str) -> int:
        """Return the process id of a store that runs, waiting until it does."""
        result = wait_until(lambda: self._alive(store), f"{store} did not come back", self.log)
        return int(result)

    def workers(self, function: str) -> list[int]:
        """Return the processes that run a function now."""
        named = f"AWS_LAMBDA_FUNCTION_NAME={function}"
        emulator = self.endpoints["servers"]["emulator"]["pid"]
        return [
            descendant for descendant in descendants(emulator) if named in _environment(descendant)
        ]

    def set_variables(self, function: str, variables: dict[str, str]) -> None:
        """Give a deployed function other values of some environment variables."""
        functions = self.client("lambda")
        known = functions.get_function_configuration(FunctionName=function)
        together = known["Environment"]["Variables"] | variables
        functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": together}
        )

    def _alive(self, store: str) -> int | None:
        pid: int = self.endpoints["servers"][store]["pid"]
        return pid if Path(f"/proc/{pid}").exists() else None


@contextmanager
def laptop(tell: Tell) -> Iterator[Laptop]:
    """Start a laptop cloud, stop it at the end, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="livro-proof-") as folder:
        places = Paths(Path(folder) / "cloud")
        log = Path(folder) / "cloud.log"
        tell("  starting a laptop cloud of its own …")
        with log.open("wb") as output:
            cloud = subprocess.Popen(
                [sys.executable, "-m", "local", "run", "--parent-pid", str(os.getpid())],
                cwd=PROJECT,
                env=os.environ | {"LIVRO_LOCAL": str(places.root)},
                stderr=output,
                start_new_session=True,
            )
        try:
            _wait_for_endpoints(cloud, places, log)
            yield Laptop(places, log)
        finally:
            cloud.terminate()
            cloud.wait()
            remove_cloud(places)


def wait_until(
    ready: "Callable[[], Any]", complaint: str, log: Path, seconds: float = SECONDS_TO_SETTLE
) -> Any:
    """Return the first answer that is not empty; raise ClusterDownError when there is none in time."""
    end = time.monotonic() + seconds
    while not (answer := ready()):
        if time.monotonic() > end:
            raise ClusterDownError(f"{complaint} within {seconds:.0f} s: {_tail(log)}")
        time.sleep(0.02)
    return answer


def kill(pid: int) -> bool:
    """Kill a process with -9; say whether it was still there."""
    return send(pid, signal.SIGKILL)


def send(pid: int, which: int) -> bool:
    """Send a signal to a process; say whether it was still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, which)
        return True
    return False


def _wait_for_endpoints(cloud: "subprocess.Popen[bytes]", places: Paths, log: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while not places.endpoints.exists():
        if cloud.poll() is not None or time.monotonic() > end:
            raise ClusterDownError(f"the laptop cloud did not start: {_tail(log)}")
        time.sleep(0.05)


def _environment(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # it ended meanwhile
        return []


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
