"""The unpacked bundle and real stores for cold processes."""

import platform
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.bundle import make_bundle
from deploy.paths import DeployPaths
from local.read_model import prepare_read_model
from local.stores.postgres import start_postgres
from local.stores.stores import DATABASE
from local.stores.valkey import start_valkey

THIS_MACHINE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


@dataclass(frozen=True, slots=True)
class ColdPlace:
    """The unpacked bundle, and the environment that a stage gives its functions."""

    bundle: Path
    environment: dict[str, str]


@contextmanager
def cold_place(aws_url: str) -> Iterator[ColdPlace]:
    """Build the bundle and start the stores; remove and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="cold-start-") as folder:
        bundle = _unpacked(Path(folder))
        postgres, valkey = start_postgres(durable=False), start_valkey()
        try:
            prepare_read_model(postgres)
            stores = {
                "DATABASE_HOST": postgres.host,
                "DATABASE_PORT": str(postgres.port),
                "REDIS_HOST": valkey.host,
                "REDIS_PORT": str(valkey.port),
            }
            yield ColdPlace(bundle, _environment(aws_url) | stores)
        finally:
            postgres.stop()
            valkey.stop()


def _unpacked(folder: Path) -> Path:
    made = make_bundle(DeployPaths(folder), THIS_MACHINE)
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


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
        "USER_POOL_ID": "us-east-1_none",
        "SIGNING_KEY_ID": "none",
        "SEAL_BUCKET": "none",
        "EVENT_BUS": "none",
        "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:none",
        "DATABASE_NAME": DATABASE,
        "DATABASE_TLS": "off",
        "DATABASE_AUTH": "trust",
        "REDIS_TLS": "off",
    }
