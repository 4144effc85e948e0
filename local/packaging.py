"""Package the application for the emulator, from a staged copy that leaves the work tree clean."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import chalice_cli
from deploy.bundle import copy_sources, write_openapi
from local.emulator import forget_real_aws
from local.paths import PROJECT

STAGE = "laptop"


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

    `build` is a folder for the staged copy. Raises DocumentError or ChaliceCommandError.
    """
    from infrastructure.application import merge_template

    staged, packaged, merged = build / "application", build / "package", build / "merge.json"
    _stage(source, staged, variables)
    merged.write_text(json.dumps(merge_template()))
    environment = dict(os.environ)
    forget_real_aws(environment)
    chalice_cli.package(staged, STAGE, merged, packaged, environment)
    return Package(
        (packaged / "sam.json").read_text(), (packaged / chalice_cli.BUNDLE).read_bytes()
    )


def _stage(source: Path, staged: Path, variables: Mapping[str, str]) -> None:
    copy_sources(staged, source)
    # The emulator's functions import their libraries from PYTHONPATH, so the zip has none.
    (staged / "requirements.txt").write_text("")
    write_openapi(staged)
    path = staged / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"][STAGE]["environment_variables"] = dict(variables)
    path.write_text(json.dumps(config, indent=2))
