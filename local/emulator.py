"""The AWS emulator (ministack) on loopback, in its own environment, with its state on disk."""

import http.client
import json
import os
import shutil
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.managed_process import Guarded, Order, start_guarded
from local.paths import EMULATOR_ENVIRONMENT, PROJECT
from local.ports import LOOPBACK, free_port
from local.waiting import until_ready

STRICT_EMULATOR = PROJECT / "local" / "strict_emulator.py"
REGION = "us-east-1"
ACCOUNT = "000000000000"
ACCESS = {  # the emulator believes any key; these make sure that no real one is ever sent
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Emulator:
    """A running emulator; `endpoint` is its URL for every service."""

    endpoint: str
    port: int
    server: Guarded

    def client(self, service: str, **options: Any) -> Any:
        """Answer a boto3 client of this emulator."""
        return aws_client(self.endpoint, service, **options)


def aws_client(endpoint: str, service: str, **options: Any) -> Any:
    """Answer a boto3 client that talks to the emulator there and to nothing else."""
    return session().client(service, endpoint_url=endpoint, **options)


def session() -> Any:
    """Answer a boto3 session that no real account would let in."""
    import boto3

    return boto3.Session(
        aws_access_key_id=ACCESS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ACCESS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def forget_real_aws(environment: MutableMapping[str, str]) -> None:
    """Take the user's own AWS settings out of an environment, and keep proxies from loopback."""
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
    notice: Path | None = None,
    script: Path = STRICT_EMULATOR,
) -> Emulator:
    """Start the emulator on the state that `folder` holds; return when it answers.

    `notice` is a file that tells of the emulator; it is removed when the emulator ends. `script` is
    what the emulator's own Python runs.
    """
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # its state holds the demo users' passwords
    temporary = folder / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    forget_stream_positions(folder / "state")
    order = Order(
        # -P: beside that script lie modules named like libraries.
        command=[str(EMULATOR_ENVIRONMENT / "bin" / "python"), "-P", str(script)],
        log=str(folder / "emulator.log"),
        environment=_environment(folder, port),
        grace_seconds=60,  # it saves its state while stopping
        remove=[str(temporary), *([str(notice)] if notice else [])],
        lock=str(folder / "lock"),
    )
    server = start_guarded(order)
    until_ready(server, "the AWS emulator", lambda: _answers(port))
    return Emulator(f"http://{LOOPBACK}:{port}", port, server)


def _environment(folder: Path, port: int) -> dict[str, str]:
    return ACCESS | {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder / "tmp"),
        "TMPDIR": str(folder / "tmp"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,  # its own default is every interface
        "MINISTACK_HOST": LOOPBACK,
        "STATE_DIR": str(folder / "state"),
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",  # a failing token trigger lets nobody in
        "DOCKER_HOST": f"unix://{folder}/no-docker",  # or it would tidy up the user's containers
    }


def forget_stream_positions(state: Path) -> None:
    """Let stream readers begin again: the emulator keeps their positions but not the streams.

    Left alone, it would skip as many new records as it had read before the restart.
    """
    path = state / "lambda.json"
    if not path.exists():
        return
    saved = json.loads(path.read_text())
    saved.get("payload", saved)["dynamodb_stream_positions"] = {}
    path.write_text(json.dumps(saved))


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
