"""List the skipped tests of a JUnit report, and fail if there are any.

Usage: `python -m local.fail_on_skipped REPORT`.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def main() -> int:
    """Read the report that the command line names; return 1 if a test was skipped."""
    names = skipped_tests(Path(sys.argv[1]).read_text())
    for name in names:
        print(f"skipped: {name}", file=sys.stderr)
    return 1 if names else 0


def skipped_tests(report: str) -> list[str]:
    """Return the names of a JUnit report's tests that were skipped or expected to fail."""
    cases = ElementTree.fromstring(report).iter("testcase")  # noqa: S314 - written by pytest
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("skipped") is not None
    ]


if __name__ == "__main__":
    sys.exit(main())
