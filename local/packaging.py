"""Package the application for the emulator: from a staged copy, so the work tree stays clean."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.staging import LAPTOP_ONLY, write_openapi
from local.emulator import forget_real_aws
from local.paths import ENVIRONMENT, PROJECT

STAGE = "laptop"
SHIPPED = ("app.py", "chalicelib", "vendor", ".chalice")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "deployed", "deployments", LAPTOP_ONLY)
CHALICE = ENVIRONMENT / "bin" / "chalice"
BROKEN = "Could not install dependencies"  # Chalice says this, exits 0, and ships a broken zip


@dataclass(frozen=True)
class Package:
    """What `chalice package` made: a CloudFormation template, and the code that it points to."""

    template: str
    code: bytes

    @property
    def code_name(self) -> str:
        """A name for the code that changes with it."""
        return f"{hashlib.sha256(self.code).hexdigest()[:16]}.zip"


def package(build: Path, variables: Mapping[str, str], source: Path = PROJECT) -> Package:
    """Package the application with these environment variables for its functions.

    `build` is a folder for the staged copy. Raises RuntimeError with Chalice's words on failure.
    """
    staged, made = build / "application", build / "package"
    shutil.rmtree(build, ignore_errors=True)
    _stage(source, staged, variables)
    merged = build / "merge.json"
    merged.write_text(_merge_template())
    write_openapi(staged)
    _chalice(staged, ["package", "--stage", STAGE, *_formats(merged), str(made)])
    code = (made / "deployment.zip").read_bytes()
    return Package((made / "sam.json").read_text(), code)


def _stage(source: Path, staged: Path, variables: Mapping[str, str]) -> None:
    staged.mkdir(parents=True)
    for name in SHIPPED:
        if (source / name).is_dir():
            shutil.copytree(source / name, staged / name, ignore=NOT_SHIPPED)
        elif (source / name).exists():
            shutil.copy2(source / name, staged / name)
    # The emulator's functions find their libraries on PYTHONPATH: nothing to put into the zip.
    (staged / "requirements.txt").write_text("")
    path = staged / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"][STAGE]["environment_variables"] = dict(variables)
    path.write_text(json.dumps(config, indent=2))


def _merge_template() -> str:
    from infrastructure.application import merge_template

    return json.dumps(merge_template())


def _formats(merged: Path) -> list[str]:
    formats = ["--pkg-format", "cloudformation", "--template-format", "json"]
    return [*formats, "--merge-template", str(merged)]


def _chalice(folder: Path, words: list[str]) -> None:
    # Compiled files would be packed, and would make the same code another zip each time.
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    forget_real_aws(environment)
    ran = subprocess.run(
        [str(CHALICE), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0 or BROKEN in ran.stdout + ran.stderr:
        raise RuntimeError(f"chalice {words[0]} failed: {ran.stdout}{ran.stderr}")
