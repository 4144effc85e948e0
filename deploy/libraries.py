"""The functions' libraries for Lambda's platform, as pinned, without what no function uses."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ARM = "arm64"
# Wheel platforms that run on Amazon Linux (PEP 599, PEP 600): 2 has glibc 2.26, 2023 has 2.34.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
GLIBC = {(3, 11): (17,), (3, 12): (17, 28, 34)}
_UNREAD = (
    "*.pyi",
    "*.c",
    "*.h",
    "py.typed",
    "RECORD",
    "INSTALLER",
    "REQUESTED",
    "examples-1.json*",
)
_UNUSED = (
    "bin",
    "boto3/data",
    "boto3/examples",
    "dateutil/zoneinfo/*.tar.gz",
    "pydantic/mypy.py",
    "pydantic/v1",
)
# Of the folders named here only these stay. The tracer knows two dozen frameworks.
_KEPT = {
    "aws_xray_sdk/ext": ("__init__.py", "boto_utils.py", "botocore", "resources", "util.py"),
}
_OF_EVERY_SERVICE = (
    "_retry.json",
    "endpoints.json",
    "partitions.json",
    "sdk-default-configuration.json",
)


class LibraryInstallError(Exception):
    """A pinned library has no wheel for Lambda's platform, or the package index does not answer."""


def install(
    requirements: Path, folder: Path, services: Iterable[str], architecture: str = ARM
) -> None:
    """Put what `requirements` pins into a fresh `folder`, for this Python on that architecture.

    Of botocore only the models of `services` stay. Nothing is built from source: raises
    LibraryInstallError where a wheel is missing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _pip(["--target", str(folder), *_platform(architecture), "-r", str(requirements)])
    prune(folder, services)


def fingerprint(requirements: Path, services: Iterable[str], architecture: str) -> str:
    """Return a name that changes with everything that decides what install() makes."""
    parts = [sys.version, architecture, *sorted(services), Path(__file__).read_text()]
    digest = hashlib.sha256(requirements.read_bytes())
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:16]


def prune(folder: Path, services: Iterable[str]) -> None:
    """Remove from installed libraries what no function of this application reads."""
    kept = {**_KEPT, "botocore/data": (*_OF_EVERY_SERVICE, *services)}
    for pattern in _UNUSED:
        for path in folder.glob(pattern):
            _remove(path)
    for name, staying in kept.items():
        for path in (folder / name).iterdir():
            if path.name not in staying:
                _remove(path)
    for pattern in _UNREAD:
        for path in folder.rglob(pattern):
            path.unlink()
    _prune_endpoints(folder / "botocore" / "data" / "endpoints.json", frozenset(services))


def _prune_endpoints(path: Path, services: frozenset[str]) -> None:
    # Read whole whenever a process makes its first client.
    known = json.loads(path.read_text())
    prefixes = services | {"states"}  # what the endpoints call the service stepfunctions
    for partition in known["partitions"]:
        partition["services"] = {
            name: place for name, place in partition["services"].items() if name in prefixes
        }
    path.write_text(json.dumps(known))


def _platform(architecture: str) -> list[str]:
    machine = MACHINES[architecture]
    version = sys.version_info[:2]
    platforms = [f"manylinux2014_{machine}"]
    platforms += [f"manylinux_2_{minor}_{machine}" for minor in GLIBC.get(version, GLIBC[3, 12])]
    abi = f"cp{version[0]}{version[1]}"
    chosen = [word for platform in platforms for word in ("--platform", platform)]
    python = ["--python-version", f"{version[0]}.{version[1]}", "--implementation", "cp"]
    return [*chosen, *python, "--abi", abi, "--abi", "abi3", "--abi", "none"]


def _pip(words: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    quiet = ["--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    ran = subprocess.run(
        [*command, *quiet, "--only-binary=:all:", *words],
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
