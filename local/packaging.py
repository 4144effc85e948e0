"""Package the application for the emulator, from a staged copy that leaves the work tree clean."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.bundle import LAPTOP_ONLY, write_openapi
from local.emulator import forget_real_aws
from local.paths import ENVIRONMENT, PROJECT

STAGE = "laptop"
SHIPPED = ("app.py", "chalicelib", "vendor", ".chalice")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "deployed", "deployments", LAPTOP_ONLY)
CHALICE = ENVIRONMENT / "bin" / "chalice"
BROKEN = (
    "Could not install dependencies"  # Chalice prints this, exits with 0, and leaves a broken zip
)


@dataclass(frozen=True)
class Package:
    """The output of `chalice package`: a CloudFormation template, and the code that it names."""

    template: str
    code: bytes

    @property
    def code_name(self) -> str:
        """A name for the code that changes with the code."""
        return f"{hashlib.sha256(self.code).hexdigest()[:16]}.zip"


def package(build: Path, variables: Mapping[str, str], source: Path = PROJECT) -> Package:
    """Package the application with these environment variables for its functions.

    `build` is a folder for the staged copy. Raises RuntimeError with Chalice's output on failure.
    """
    from infrastructure.application import merge_template

    staged, packaged = build / "application", build / "package"
    shutil.rmtree(build, ignore_errors=True)
    _stage(source, staged, variables)
    merged = build / "merge.json"
    merged.write_text(json.dumps(merge_template()))
    write_openapi(staged)
    formats = ["--pkg-format", "cloudformation", "--template-format", "json"]
    merge = ["--merge-template", str(merged)]
    _chalice(staged, ["package", "--stage", STAGE, *formats, *merge, str(packaged)])
    code = (packaged / "deployment.zip").read_bytes()
    return Package((packaged / "sam.json").read_text(), code)


def _stage(source: Path, staged: Path, variables: Mapping[str, str]) -> None:
    staged.mkdir(parents=True)
    for name in SHIPPED:
        if (source / name).is_dir():
            shutil.copytree(source / name, staged / name, ignore=NOT_SHIPPED)
        elif (source / name).exists():
            shutil.copy2(source / name, staged / name)
    # The emulator's functions import their libraries from PYTHONPATH, so the zip has none.
    (staged / "requirements.txt").write_text("")
    path = staged / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"][STAGE]["environment_variables"] = dict(variables)
    path.write_text(json.dumps(config, indent=2))


def _chalice(folder: Path, arguments: list[str]) -> None:
    # Compiled files would be packed, and the same code would give a different zip each time.
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    forget_real_aws(environment)
    completed = subprocess.run(
        [str(CHALICE), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0 or BROKEN in completed.stdout + completed.stderr:
        raise RuntimeError(f"chalice {arguments[0]} failed: {completed.stdout}{completed.stderr}")
