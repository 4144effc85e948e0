"""Remove what the laptop cloud and its tools have made here: data, environments, caches.

Runs without any environment, so with the standard library only: `python3 -m local.clean`.
"""

import shutil
import sys

from local.paths import BENCH_ENVIRONMENT, EMULATOR_ENVIRONMENT, ENVIRONMENT, PROJECT, usual_places
from local.running import is_running
from local.stores.unprivileged import lasting_folder, unprivileged_user

CACHES = (
    ".deploy",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
)


def main() -> int:
    """Remove everything; refuse while the laptop cloud runs."""
    places = usual_places()
    if is_running(places):
        print("The laptop cloud runs; stop it with Ctrl-C first.", file=sys.stderr)
        return 1
    shutil.rmtree(lasting_folder(places.postgres, unprivileged_user()), ignore_errors=True)
    for folder in (places.root, BENCH_ENVIRONMENT, EMULATOR_ENVIRONMENT, ENVIRONMENT):
        shutil.rmtree(folder, ignore_errors=True)
    for name in CACHES:
        shutil.rmtree(PROJECT / name, ignore_errors=True)
    for cache in list(PROJECT.rglob("__pycache__")):
        shutil.rmtree(cache, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
