"""Skipped tests are listed from pytest's own report."""

import os
import subprocess
import sys
from pathlib import Path

from local.fail_on_skipped import skipped_tests

TESTS = """
import pytest

def test_passes(): pass

@pytest.mark.skip(reason="no such part")
def test_needs_a_part(): pass

@pytest.mark.xfail
def test_is_known_to_fail(): assert False
"""


def test_skipped_and_xfailed_tests_are_listed(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    report = tmp_path / "report.xml"
    words = ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), f"--junitxml={report}"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *words, str(tmp_path)],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
        capture_output=True,
    )
    assert skipped_tests(report.read_text()) == [
        "test_some::test_needs_a_part",
        "test_some::test_is_known_to_fail",
    ]
