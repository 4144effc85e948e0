"""Fixtures: the bundle, made once per session for this machine, and AWS emulated in process."""

import platform
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.bundle import Bundle, make_bundle
from deploy.paths import DeployPaths

THIS_MACHINE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


@dataclass(frozen=True)
class Unpacked:
    """The bundle, and the folder to which it is unpacked as Lambda does."""

    paths: DeployPaths
    bundle: Bundle
    folder: Path


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """The bundle for this machine."""
    paths = DeployPaths(tmp_path_factory.mktemp("bundle"))
    bundle = make_bundle(paths, THIS_MACHINE)
    folder = paths.root / "unpacked"
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(folder)
    return Unpacked(paths, bundle, folder)


@pytest.fixture
def aws() -> Iterator[Any]:
    """A maker of clients of an AWS emulated in process."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.Session("nobody", "nothing", region_name="us-east-1").client
