"""The services that the code asks, as far as they can be read."""

from pathlib import Path

import pytest

from deploy.paths import PROJECT
from deploy.services import ServiceNameError, used_services


def test_services_are_read_from_the_code(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "one.py").write_text('clients.aws("sqs").send_message()\nother.aws("s3")\n')
    (tmp_path / "room" / "two.py").write_text('key = clients.aws("kms")\naws("ec2")\n')
    assert used_services(tmp_path) == {"sqs", "kms"}


@pytest.mark.parametrize("call", ["clients.aws(name)", "clients.aws()"])
def test_a_service_that_is_not_spelt_out_is_refused(call: str, tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(f"one = 1\n{call}\n")
    with pytest.raises(ServiceNameError, match=r"room\.py:2"):
        used_services(tmp_path)


def test_the_application_asks_its_ledger() -> None:
    assert "dynamodb" in used_services(PROJECT / "chalicelib")
