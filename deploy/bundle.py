"""The bundle for Lambda: a copy of the application with libraries and bytecode, packed as one zip.

Chalice runs in the copy, so the work tree stays clean and a stage's ARNs never get into the
repository. Only `app.py`, `chalicelib/` and `vendor/` are shipped.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy import chalice_cli
from deploy.aws_models import used_operations
from deploy.bill_of_materials import bill_of_materials
from deploy.interpreters import THIS, Interpreter
from deploy.libraries import ARM, fingerprint, install
from deploy.paths import PROJECT, WORK, DeployPaths

# Lambda's own limit is 250 MB unpacked; this one keeps cold starts short.
AIM_BYTES = 12 * 1000 * 1000
SOURCES = ("app.py", "chalicelib", ".chalice")
# API Gateway verifies the tokens in AWS; only under `chalice local` the application does.
LAPTOP_ONLY = "token_verification.py"
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "deployed", "deployments", LAPTOP_ONLY)
_LAMBDA_ROOT = "/var/task"


class BytecodeError(RuntimeError):
    """A module does not compile; the message is the compiler's."""


class BundleSizeError(Exception):
    """The bundle is too large for a short cold start; the message has the limit."""


class DocumentError(RuntimeError):
    """The OpenAPI document cannot be built; the message is Python's."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The zip that is shipped."""

    path: Path

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size

    @property
    def unpacked_size(self) -> int:
        """The size of all its files in bytes."""
        with zipfile.ZipFile(self.path) as archive:
            return sum(member.file_size for member in archive.infolist())

    @property
    def sha256(self) -> str:
        """Its SHA-256 in hex; Lambda's CodeSha256 is the same in base64."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def make_bundle(
    paths: DeployPaths,
    architecture: str = ARM,
    source: Path = PROJECT,
    python: Interpreter = THIS,
) -> Bundle:
    """Make the bundle for a version of Python, and its bill of materials.

    Raises what copy_application raises, and ChaliceCommandError.
    """
    copy_application(paths.application, architecture, source, python=python)
    configure(paths.application, "bundle", {"lambda_architecture": architecture})
    merge_template = paths.root / "merge.json"
    merge_template.write_text("{}")
    chalice_cli.package(paths.application, "bundle", merge_template, paths.package)
    bundle = Bundle(paths.package / chalice_cli.BUNDLE)
    bill = bill_of_materials(paths.application / "vendor", bundle.sha256)
    paths.bill_of_materials.write_text(json.dumps(bill, indent=2))
    return bundle


def copy_application(
    folder: Path,
    architecture: str = ARM,
    source: Path = PROJECT,
    cache: Path = WORK / "libraries",
    python: Interpreter = THIS,
) -> None:
    """Copy the application of `source` to a new `folder`, with libraries in `vendor/`, compiled.

    Libraries that were installed before are taken from `cache`. Raises LibraryInstallError,
    DocumentError, BytecodeError or ServiceNameError.
    """
    copy_sources(folder, source)
    # Everything is in vendor/ already; Chalice installs nothing for an empty list.
    (folder / "requirements.txt").write_text("")
    vendor = folder / "vendor"
    shutil.copytree(_libraries(source, architecture, cache, python), vendor)
    compile_application(folder, python)
    write_openapi(folder)


def copy_sources(folder: Path, source: Path = PROJECT) -> None:
    """Copy only the application's own files to a new `folder`.

    Chalice also needs them to remove a deployment.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, ignore=_NOT_COPIED)
        else:
            shutil.copy2(source / name, folder / name)


def configure(folder: Path, stage: str, settings: Mapping[str, Any]) -> None:
    """Make `settings`, named as Chalice names them, the only stage in the copy's configuration."""
    path = folder / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"] = {stage: dict(settings)}
    path.write_text(json.dumps(config, indent=2))


def compile_application(folder: Path, python: Interpreter = THIS) -> None:
    """Compile the modules of a copy of the application, and those that Chalice adds to its bundle.

    Raises BytecodeError.
    """
    compile_folder(folder / "chalicelib", "chalicelib", python)
    vendor = folder / "vendor"  # which Chalice unpacks beside app.py
    compile_module(folder / "app.py", vendor, "app.py", python)
    _compile_chalice(vendor, python)


def compile_folder(folder: Path, inside: str = "", python: Interpreter = THIS) -> None:
    """Compile every module under `folder`, which is at the path `inside` in the bundle.

    Lambda mounts code read-only: without bytecode, every cold start would compile every module.
    Equal sources give equal bytecode. Raises BytecodeError.
    """
    root = f"{_LAMBDA_ROOT}/{inside}".rstrip("/")
    # Not checked against the source (PEP 552), whose time would change the bytecode.
    mode = ["--invalidation-mode", "unchecked-hash"]
    _run(python, "-m", "compileall", "-q", *mode, "-s", str(folder), "-p", root, str(folder))


def compile_module(module: Path, folder: Path, inside: str, python: Interpreter = THIS) -> None:
    """Write the bytecode of one module to `folder`, for a source that Chalice adds to the bundle.

    `inside` is the path of the source in the bundle. Raises BytecodeError.
    """
    code = (
        "import sys, py_compile as p; p.compile(sys.argv[1], sys.argv[2], sys.argv[3],"
        " doraise=True, invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)"
    )
    target = folder / "__pycache__" / f"{module.stem}.{python.cache_tag}.pyc"
    target.parent.mkdir(parents=True, exist_ok=True)
    _run(python, "-c", code, str(module), str(target), f"{_LAMBDA_ROOT}/{inside}")


def _libraries(source: Path, architecture: str, cache: Path, python: Interpreter) -> Path:
    requirements = source / "requirements.txt"
    used = used_operations(source / "chalicelib")
    installed = cache / fingerprint(requirements, used, architecture, python.version)
    if not installed.exists():
        unfinished = cache / f"{installed.name}.unfinished"
        install(requirements, unfinished, used, architecture, python.version)
        compile_folder(unfinished, python=python)
        unfinished.rename(installed)
    return installed


def write_openapi(folder: Path) -> None:
    """Write the OpenAPI document of a copy of the application where its service reads it.

    Raises DocumentError.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "chalicelib.api.openapi.document", "chalicelib/api/openapi.json"],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # bytecode here would be shipped
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise DocumentError(f"The OpenAPI document cannot be built: {ran.stderr}")


def _compile_chalice(vendor: Path, python: Interpreter) -> None:
    # Chalice adds these two modules to every bundle.
    import chalice

    package = Path(chalice.__file__).parent
    for module in ("__init__.py", "app.py"):
        compile_module(package / module, vendor / "chalice", f"chalice/{module}", python)


def _run(python: Interpreter, *arguments: str) -> None:
    # Without a fixed hash seed, the order of sets in bytecode would vary.
    ran = subprocess.run(
        [python.path, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONHASHSEED": "0"},
    )
    if ran.returncode != 0:
        raise BytecodeError(ran.stdout + ran.stderr)
