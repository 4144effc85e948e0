"""Fixtures of what is shipped: one bundle a session, for the machine that runs the tests."""

import platform
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.bundle import Bundle, make_bundle
from deploy.paths import Places

THIS_MACHINE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


@dataclass(frozen=True)
class Unpacked:
    """The bundle, and the folder where it is unpacked as Lambda does."""

    places: Places
    bundle: Bundle
    folder: Path


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """The bundle for this machine."""
    import zipfile

    places = Places(tmp_path_factory.mktemp("bundle"))
    bundle = make_bundle(places, THIS_MACHINE)
    folder = places.root / "unpacked"
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(folder)
    return Unpacked(places, bundle, folder)
