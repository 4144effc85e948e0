"""The functions' libraries: pinned wheels only, and the models of the services that code names."""

from pathlib import Path

import pytest

from deploy.libraries import (
    LibraryInstallError,
    ServiceNameError,
    fingerprint,
    install,
    used_services,
)
from deploy.paths import PROJECT


def test_library_without_wheel_stops_the_bundle(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"nowhere @ file://{tmp_path}/nowhere-1.0.tar.gz\n")
    with pytest.raises(LibraryInstallError, match="could not be installed"):
        install(requirements, tmp_path / "vendor", [])


def test_installed_libraries_are_reused_until_a_change(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    before = fingerprint(requirements, ["sqs", "kms"], "arm64")
    assert fingerprint(requirements, ["kms", "sqs"], "arm64") == before
    assert fingerprint(requirements, ["kms"], "arm64") != before
    assert fingerprint(requirements, ["kms", "sqs"], "x86_64") != before
    requirements.write_text("one==2\n")
    assert fingerprint(requirements, ["kms", "sqs"], "arm64") != before


def test_services_are_read_from_the_code(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "one.py").write_text('clients.aws("sqs").send_message()\nother.aws("s3")\n')
    (tmp_path / "room" / "two.py").write_text('key = clients.aws("kms")\naws("ec2")\n')
    assert used_services(tmp_path) == {"sqs", "kms"}
    assert "dynamodb" in used_services(PROJECT / "chalicelib")


@pytest.mark.parametrize("call", ["clients.aws(name)", "clients.aws()"])
def test_service_must_be_a_literal(call: str, tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(f"one = 1\n{call}\n")
    with pytest.raises(ServiceNameError, match=r"room\.py:2"):
        used_services(tmp_path)
