"""A copy of the application as it is shipped: with libraries, bytecode and one stage's names.

Chalice runs in the copy, so the work tree stays clean, and a stage's ARNs never get into the
repository. Nothing but `app.py`, `chalicelib/` and `vendor/` is shipped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.bytecode import compile_alone, compile_folder
from deploy.libraries import ARM, fingerprint, install
from deploy.paths import PROJECT, WORK
from deploy.services import used_services

SOURCES = ("app.py", "chalicelib", ".chalice")
# API Gateway verifies the tokens in AWS; only `chalice local` needs the application to do it.
LAPTOP_ONLY = "token_verification.py"
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "deployed", "deployments", LAPTOP_ONLY)


class DocumentError(RuntimeError):
    """The OpenAPI document cannot be built; the message is Python's."""


def stage_application(
    folder: Path, architecture: str = ARM, source: Path = PROJECT, cache: Path = WORK / "libraries"
) -> None:
    """Make `folder` anew: the application of `source`, its libraries in `vendor/`, all compiled.

    Libraries that were installed before are taken from `cache`. Raises LibraryInstallError,
    DocumentError, BytecodeError or ServiceNameError.
    """
    copy_sources(folder, source)
    # Everything is in vendor/ already; for an empty list Chalice installs nothing.
    (folder / "requirements.txt").write_text("")
    vendor = folder / "vendor"
    shutil.copytree(_libraries(source, architecture, cache), vendor)
    write_openapi(folder)
    compile_folder(folder / "chalicelib", "chalicelib")
    compile_alone(folder / "app.py", vendor, "app.py")
    _compile_chalice(vendor)


def copy_sources(folder: Path, source: Path = PROJECT) -> None:
    """Make `folder` anew: the application's own files alone, as Chalice needs to remove a stage."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SOURCES:
        _copy(source / name, folder / name)


def write_openapi(folder: Path) -> None:
    """Write the OpenAPI document of a staged copy into it, where its service reads it.

    Raises DocumentError.
    """
    written = subprocess.run(
        [sys.executable, "-m", "chalicelib.api.openapi.document", "chalicelib/api/openapi.json"],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # bytecode here would be shipped
        capture_output=True,
        text=True,
        check=False,
    )
    if written.returncode != 0:
        raise DocumentError(f"The OpenAPI document cannot be built: {written.stderr}")


def configure(folder: Path, stage: str, settings: Mapping[str, Any]) -> None:
    """Write a stage's settings, in Chalice's words, into the copy's configuration.

    They stand alone there: the repository's own stages (the laptop's) are not shipped.
    """
    path = folder / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"] = {stage: dict(settings)}
    path.write_text(json.dumps(config, indent=2))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT_BEHIND)
    else:
        shutil.copy2(source, target)


def _libraries(source: Path, architecture: str, cache: Path) -> Path:
    requirements = source / "requirements.txt"
    services = used_services(source / "chalicelib")
    ready = cache / fingerprint(requirements, services, architecture)
    if not ready.exists():
        fresh = cache / f"{ready.name}.unfinished"
        install(requirements, fresh, services, architecture)
        compile_folder(fresh)
        fresh.rename(ready)
    return ready


def _compile_chalice(vendor: Path) -> None:
    # Chalice puts these two sources of its own into every bundle.
    import chalice

    package = Path(chalice.__file__).parent
    for module in ("__init__.py", "app.py"):
        compile_alone(package / module, vendor / "chalice", f"chalice/{module}")
