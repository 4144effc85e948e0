"""The shared fixtures: real stores and the laptop cloud, started at their first use."""

import gc
import os
import sys

# The workers and hundreds of child processes import the same modules: they compile them once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Another Python, if `make` of a test chose it, would replace the environment that runs the tests.
os.environ.setdefault("PYTHON", sys.executable)

pytest_plugins = [
    "tests.fixtures.scheduling",
    "tests.fixtures.stores",
    "tests.fixtures.database",
    "tests.fixtures.projection",
    "tests.fixtures.service",
    "tests.fixtures.emulated_aws",
    "tests.fixtures.ledger_table",
    "tests.fixtures.redis_client",
    "tests.fixtures.properties",
    "tests.fixtures.user_pool",
    "tests.fixtures.rights",
    "tests.fixtures.night",
    "tests.fixtures.recorded_run",
    "tests.fixtures.deep_recursion",
]


def pytest_collection_finish() -> None:
    """Leave the modules, which live to the end, out of garbage collections."""
    gc.collect()
    gc.freeze()
