"""Remove the laptop cloud with its data, the environments and the caches: `make clean`.

Uses the standard library only, because no environment may exist: `python3 -m local.clean`.
"""

import argparse
import shutil
import sys

from local.paths import (
    BENCH_ENVIRONMENT,
    EMULATOR_ENVIRONMENT,
    ENVIRONMENT,
    PAGE_TOOLS,
    PROJECT,
    default_paths,
)
from local.running import is_running
from local.stores.unprivileged import lasting_folder, unprivileged_user

CACHES = (
    *(".deploy", ".pytest_cache", ".mypy_cache"),
    *(".ruff_cache", ".import_linter_cache", ".hypothesis"),
)


def main() -> int:
    """Remove everything; fail while the laptop cloud runs."""
    argparse.ArgumentParser(prog="python3 -m local.clean", description=__doc__).parse_args()
    paths = default_paths()
    if is_running(paths):
        print("The laptop cloud is running; stop it with Ctrl-C first.", file=sys.stderr)
        return 1
    folders = [
        lasting_folder(paths.postgres, unprivileged_user()),
        *(paths.root, BENCH_ENVIRONMENT, EMULATOR_ENVIRONMENT, ENVIRONMENT, PAGE_TOOLS),
        *(PROJECT / name for name in CACHES),
        *PROJECT.rglob("__pycache__"),
    ]
    print("Removing data, environments and caches …", flush=True)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    print("Removed data, environments and caches; `make run` installs and starts from scratch.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
