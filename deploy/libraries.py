"""The functions' pinned libraries for Lambda's platform, without parts that no function uses."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from deploy import aws_models
from deploy.aws_models import Operations, trim_models

ARM = "arm64"
# Wheel platforms that run on Amazon Linux (PEP 599, PEP 600): 2 has glibc 2.26, 2023 has 2.34.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
GLIBC = {(3, 11): (17,), (3, 12): (17, 28, 34)}
_UNUSED_FILES = (
    "*.pyi",
    "*.c",
    "*.h",
    "py.typed",
    "RECORD",
    "INSTALLER",
    "REQUESTED",
    "examples-1.json*",
    "waiters-2.json",
)
_UNUSED_PATHS = (
    "bin",
    "dateutil/zoneinfo/*.tar.gz",
    "pydantic/mypy.py",
    "pydantic/v1",
)
# Only these stay in the folders named here. The tracer supports two dozen frameworks.
_USED = {
    "aws_xray_sdk/ext": ("__init__.py", "boto_utils.py", "botocore", "resources", "util.py"),
}
_OF_EVERY_SERVICE = (
    "_retry.json",
    "endpoints.json",
    "partitions.json",
    "sdk-default-configuration.json",
)


Version = tuple[int, int]
"""Of Python, such as (3, 13)."""


class LibraryInstallError(Exception):
    """A pinned library has no wheel for Lambda's platform, or the package index is unreachable."""


def install(
    requirements: Path,
    folder: Path,
    used: Operations,
    architecture: str = ARM,
    version: Version = sys.version_info[:2],
) -> None:
    """Install what `requirements` pins into a new `folder`, for that architecture and Python.

    botocore keeps only the models of the operations `used`. Nothing is built from source, so a
    missing wheel raises LibraryInstallError.
    """
    fetch(requirements, folder, architecture, version)
    prune(folder, used)


def fetch(
    requirements: Path,
    folder: Path,
    architecture: str = ARM,
    version: Version = sys.version_info[:2],
) -> None:
    """Install what `requirements` pins into a new `folder`, whole; raise LibraryInstallError."""
    shutil.rmtree(folder, ignore_errors=True)
    _pip(["--target", str(folder), *_platform(architecture, version), "-r", str(requirements)])


def fingerprint(
    requirements: Path,
    used: Operations,
    architecture: str,
    version: Version = sys.version_info[:2],
) -> str:
    """Return a name that changes whenever install() would install something else."""
    names = [f"{service}.{name}" for service in sorted(used) for name in sorted(used[service])]
    code = [Path(file).read_text() for file in (__file__, aws_models.__file__)]
    parts = [sys.version, str(version), architecture, *names, *code]
    digest = hashlib.sha256(requirements.read_bytes())
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:16]


def prune(folder: Path, used: Operations) -> None:
    """Remove the parts of installed libraries that no function uses."""
    stored = {**_USED, "botocore/data": (*_OF_EVERY_SERVICE, *used)}
    for pattern in _UNUSED_PATHS:
        for path in folder.glob(pattern):
            _remove(path)
    for name, names in stored.items():
        for path in (folder / name).iterdir():
            if path.name not in names:
                _remove(path)
    for pattern in _UNUSED_FILES:
        for path in folder.rglob(pattern):
            path.unlink()
    models = folder / "botocore" / "data"
    _prune_endpoints(models / "endpoints.json", frozenset(used))
    trim_models(models, used)


def _prune_endpoints(path: Path, services: frozenset[str]) -> None:
    # A process parses the whole file for its first client.
    endpoints = json.loads(path.read_text())
    prefixes = services | {"states"}  # the name of stepfunctions in this file
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: endpoint for name, endpoint in partition["services"].items() if name in prefixes
        }
    path.write_text(json.dumps(endpoints))


def _platform(architecture: str, version: Version) -> list[str]:
    machine = MACHINES[architecture]
    platforms = [f"manylinux2014_{machine}"]
    platforms += [f"manylinux_2_{minor}_{machine}" for minor in GLIBC.get(version, GLIBC[3, 12])]
    abi = f"cp{version[0]}{version[1]}"
    options = [word for platform in platforms for word in ("--platform", platform)]
    python = ["--python-version", f"{version[0]}.{version[1]}", "--implementation", "cp"]
    return [*options, *python, "--abi", abi, "--abi", "abi3", "--abi", "none"]


def _pip(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    quiet = ["--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    ran = subprocess.run(
        [*command, *quiet, "--only-binary=:all:", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise LibraryInstallError(f"The functions' libraries could not be installed: {ran.stderr}")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
