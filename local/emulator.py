"""The AWS emulator (ministack) on loopback, in its own environment, with its state on disk."""

import http.client
import json
import os
import shutil
import threading
from collections.abc import MutableMapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.paths import EMULATOR_ENVIRONMENT, PROJECT
from local.ports import LOOPBACK, free_port
from local.processes import ManagedProcess, ProcessSpec, start_process, wait_until_ready

STRICT_EMULATOR = PROJECT / "local" / "strict_emulator.py"
REGION = "us-east-1"
ACCOUNT = "000000000000"
ACCESS = {  # the emulator accepts any key; these ensure that no real key is ever sent
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Emulator:
    """A running emulator; `endpoint` is its URL for every service."""

    endpoint: str
    port: int
    server: ManagedProcess

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of this emulator."""
        return aws_client(self.endpoint, service, **options)


def aws_client(endpoint: str, service: str, **options: Any) -> Any:
    """Return a boto3 client of the emulator at this endpoint."""
    with _one_at_a_time:  # a session is not thread-safe, other than its clients
        return session().client(service, endpoint_url=endpoint, **options)


@cache
def session() -> Any:
    """Return the boto3 session, which reads each service's description only once.

    No real account accepts its credentials.
    """
    import boto3

    return boto3.Session(
        aws_access_key_id=ACCESS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ACCESS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def forget_real_aws(environment: MutableMapping[str, str]) -> None:
    """Remove the user's own AWS settings from an environment, and bypass proxies on loopback."""
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    environment.update(
        ACCESS,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        NO_PROXY=f"{LOOPBACK},localhost",
        no_proxy=f"{LOOPBACK},localhost",
    )


def start_emulator(
    folder: Path,
    port: int | None = None,
    endpoints: Path | None = None,
    script: Path = STRICT_EMULATOR,
) -> Emulator:
    """Start the emulator with the state in `folder`; return when it is ready.

    `endpoints` is a file with the emulator's address; it is removed when the emulator ends.
    `script` is the program that the emulator's own Python runs.
    """
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # the state contains the demo users' passwords
    temporary = folder / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    forget_stream_positions(folder / "state")
    spec = ProcessSpec(
        # -P: modules in the script's folder have the names of libraries.
        command=[str(EMULATOR_ENVIRONMENT / "bin" / "python"), "-P", str(script)],
        log=str(folder / "emulator.log"),
        environment=_environment(folder, port),
        grace_seconds=60,  # the emulator saves its state while stopping
        remove=[str(temporary), *([str(endpoints)] if endpoints else [])],
        lock=str(folder / "lock"),
    )
    server = start_process(spec)
    wait_until_ready(server, "the AWS emulator", lambda: _is_healthy(port))
    return Emulator(f"http://{LOOPBACK}:{port}", port, server)


def _environment(folder: Path, port: int) -> dict[str, str]:
    return ACCESS | {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder / "tmp"),
        "TMPDIR": str(folder / "tmp"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,  # its default is every interface
        "MINISTACK_HOST": LOOPBACK,
        "STATE_DIR": str(folder / "state"),
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",  # no token if the token trigger fails
        "DOCKER_HOST": f"unix://{folder}/no-docker",  # otherwise it removes the user's containers
    }


def forget_stream_positions(state: Path) -> None:
    """Reset the positions of stream readers: the emulator saves these, but not the streams.

    Otherwise it skips as many new records as it had read before the restart.
    """
    path = state / "lambda.json"
    if not path.exists():
        return
    saved = json.loads(path.read_text())
    saved.get("payload", saved)["dynamodb_stream_positions"] = {}
    path.write_text(json.dumps(saved))


def _is_healthy(port: int) -> bool:
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
