"""Package the application for the emulator, from a staged copy that leaves the work tree clean.

The package is stored until a source changes, because Chalice takes seconds to make it.
"""

import hashlib
import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import chalice_cli
from deploy.bundle import SOURCES, compile_application, copy_sources, write_openapi
from deploy.paths import WORK
from infrastructure.application import merge_template
from local.emulator import forget_real_aws
from local.paths import PROJECT

STAGE = "laptop"
PACKAGES = WORK / "laptop"
_PACKAGING = ("deploy", "infrastructure", "local", "requirements.txt", "requirements-dev.txt")
_TEMPLATE = "sam.json"


@dataclass(frozen=True)
class Package:
    """The output of `chalice package`: a CloudFormation template, and the code that it names."""

    template: str
    code: bytes

    @property
    def code_name(self) -> str:
        """A name for the code that changes with the code."""
        return f"{hashlib.sha256(self.code).hexdigest()[:16]}.zip"


def package(
    build: Path, variables: Mapping[str, str], source: Path = PROJECT, packages: Path = PACKAGES
) -> Package:
    """Package the application with these environment variables for its functions.

    `build` is a folder for the staged copy, `packages` one with the package of the last call.
    Raises BytecodeError, DocumentError or ChaliceCommandError.
    """
    merged = json.dumps(merge_template())
    stored = packages / f"{_digest(source, merged)}.zip"
    packed = _stored(stored)
    if packed is None:
        packed = _make(build, source, merged)
        # A source that was saved meanwhile may be in the package or not.
        if stored.stem == _digest(source, merged):
            _store(packed, stored)
    return Package(_with_variables(packed.template, variables), packed.code)


def _digest(source: Path, merged: str) -> str:
    """Return a digest of everything that a package depends on."""
    digest = hashlib.sha256(f"{sys.version}\n{merged}".encode())
    for path in _files(source):
        digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(source: Path) -> Iterator[Path]:
    for path in [*(source / name for name in SOURCES), *(PROJECT / name for name in _PACKAGING)]:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and file.suffix != ".pyc")


def _stored(stored: Path) -> Package | None:
    try:
        with zipfile.ZipFile(stored) as archive:
            return Package(archive.read(_TEMPLATE).decode(), archive.read(chalice_cli.BUNDLE))
    except FileNotFoundError:  # never stored, or removed by a process with other sources
        return None


def _make(build: Path, source: Path, merged: str) -> Package:
    staged, packaged, merge = build / "application", build / "package", build / "merge.json"
    copy_sources(staged, source)
    # The emulator's functions import their libraries from PYTHONPATH, so the zip has none.
    (staged / "requirements.txt").write_text("")
    compile_application(staged)
    write_openapi(staged)
    merge.write_text(merged)
    environment = dict(os.environ)
    forget_real_aws(environment)
    chalice_cli.package(staged, STAGE, merge, packaged, environment)
    return Package((packaged / _TEMPLATE).read_text(), (packaged / chalice_cli.BUNDLE).read_bytes())


def _store(package: Package, stored: Path) -> None:
    """Write a package to a file, at once, and remove those of other sources."""
    stored.parent.mkdir(parents=True, exist_ok=True)
    others = [path for path in stored.parent.glob("*.zip") if path != stored]
    unfinished = stored.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr(_TEMPLATE, package.template)
        archive.writestr(chalice_cli.BUNDLE, package.code)
    unfinished.replace(stored)
    for path in others:
        path.unlink(missing_ok=True)


def _with_variables(template: str, variables: Mapping[str, str]) -> str:
    parsed = json.loads(template)
    for resource in parsed["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["Environment"] = {"Variables": dict(variables)}
    return json.dumps(parsed)
