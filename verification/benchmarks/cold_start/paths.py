"""The unpacked bundle and real stores for cold processes."""

import os
import platform
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.bundle import compile_folder, make_bundle
from deploy.libraries import fetch
from deploy.paths import PROJECT, DeployPaths
from verification.benchmarks.servers import read_model_server, valkey_server

THIS_MACHINE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
_STORES = ("DATABASE_", "REDIS_")


@dataclass(frozen=True, slots=True)
class ColdPlace:
    """The unpacked bundle, its libraries as pip installs them, and the environment of a stage."""

    bundle: Path
    whole_libraries: Path
    environment: dict[str, str]


@contextmanager
def cold_place(aws_url: str) -> Iterator[ColdPlace]:
    """Build the bundle and start the stores; remove and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="cold-start-") as folder:
        bundle = Path(folder) / "unpacked"
        with zipfile.ZipFile(make_bundle(DeployPaths(Path(folder)), THIS_MACHINE).path) as archive:
            archive.extractall(bundle)
        whole = Path(folder) / "whole"
        fetch(PROJECT / "requirements.txt", whole, THIS_MACHINE)
        shutil.copytree(bundle / "chalice", whole / "chalice")
        compile_folder(whole)
        with read_model_server(durable=False), valkey_server():
            own = {name: os.environ[name] for name in os.environ if name.startswith(_STORES)}
            yield ColdPlace(bundle, whole, _environment(aws_url) | own)


def _environment(aws_url: str) -> dict[str, str]:
    queue = "https://sqs.us-east-1.amazonaws.com/000000000000/quarantine"
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": aws_url,
        "STAGE": "bench",
        "ENTRIES_TABLE": "entries",
        "CLIENTS_TABLE": "clients",
        "QUARANTINE_QUEUE_URL": queue,
        "CANARY_CLIENT_ID": "canary",
        "CANARY_SECRET": "none",
        "USER_POOL_ID": "us-east-1_none",
        "SIGNING_KEY_ID": "none",
        "SEAL_BUCKET": "none",
        "EVENT_BUS": "none",
        "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:none",
    }
