"""The functions' libraries: pinned wheels only, installed again after a change."""

from pathlib import Path

import pytest

from deploy.libraries import LibraryInstallError, fingerprint, install


def test_library_without_wheel_stops_the_bundle(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"nowhere @ file://{tmp_path}/nowhere-1.0.tar.gz\n")
    with pytest.raises(LibraryInstallError, match="could not be installed"):
        install(requirements, tmp_path / "vendor", {})


def test_installed_libraries_are_reused_until_a_change(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    used = {"sqs": ["SendMessage"], "kms": ["Sign", "Verify"]}
    before = fingerprint(requirements, used, "arm64")
    same = {"kms": ["Verify", "Sign"], "sqs": ["SendMessage"]}
    assert fingerprint(requirements, same, "arm64") == before
    assert fingerprint(requirements, used | {"kms": ["Sign"]}, "arm64") != before
    assert fingerprint(requirements, used, "x86_64") != before
    requirements.write_text("one==2\n")
    assert fingerprint(requirements, used, "arm64") != before
