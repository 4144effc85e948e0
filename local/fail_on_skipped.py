"""Say which tests of a report were skipped, and fail if any was: `python -m local.skipped FILE`."""

import sys
from pathlib import Path
from xml.etree import ElementTree


def main() -> int:
    """Read the JUnit report that the command line names; answer 1 if it tells of skipped tests."""
    names = skipped(Path(sys.argv[1]).read_text())
    for name in names:
        print(f"skipped: {name}", file=sys.stderr)
    return 1 if names else 0


def skipped(report: str) -> list[str]:
    """Answer the names of a JUnit report's tests that were skipped or expected to fail."""
    cases = ElementTree.fromstring(report).iter("testcase")  # noqa: S314 - pytest wrote it
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("skipped") is not None
    ]


if __name__ == "__main__":
    sys.exit(main())
