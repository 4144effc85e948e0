"""Every file that uses a cloud of the whole session runs in the worker that has started it."""

import re

from tests.fixtures.scheduling import LONG_FILES, SHARED_CLOUDS
from tests.house.source import ROOT, sources

CLOUD = re.compile(r"\b(laptop_cloud|user_pool): [A-Z]")


def test_shared_clouds_have_one_worker() -> None:
    tests = (source for source in sources() if "/test_" in source.path)
    users = {
        source.path
        for source in tests
        if CLOUD.search(source.text) and not source.path.startswith("tests/browser/")
    }
    assert len(users) > 6
    assert {path for path in users if not path.startswith(SHARED_CLOUDS)} == set()


def test_long_files_exist() -> None:
    assert [path for path in LONG_FILES if not (ROOT / path).is_file()] == []
