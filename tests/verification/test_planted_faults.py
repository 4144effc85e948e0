"""The planted faults apply to the code as it is; running them is a command, not a test."""

import pytest

from verification.planted_faults.faults import Fault, FaultError, faulty_text, load_faults


@pytest.mark.parametrize("fault", load_faults(), ids=lambda fault: fault.name)
def test_every_fault_applies(fault: Fault) -> None:
    faulty_text(fault)


def test_text_must_occur_once() -> None:
    with pytest.raises(FaultError, match="must occur exactly once"):
        faulty_text(Fault("app", "Nothing.", "app.py", "import", "", ("tests/conftest.py",)))
