"""The shared fixtures: real stores and the laptop cloud, started at their first use."""

import gc
import os
import sys

import pytest

# The workers and hundreds of child processes import the same modules: they compile them once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LONG_FILES = (
    "tests/deploy/test_deploying.py",
    "tests/local/test_run.py",
    "tests/faults/test_stores_away.py",
    "tests/verification/fault_injection/test_run.py",
    "tests/verification/benchmarks/test_benchmarks.py",
    "tests/api/test_any_request.py",
    "tests/stepfunctions/test_paths.py",
    "tests/verification/simulation/test_crash_points.py",
    "tests/projection/test_rebuild.py",
    "tests/local/test_consolidation.py",
    "tests/verification/load/test_load.py",
    "tests/verification/simulation/test_seeds.py",
    "tests/observability/test_tracing.py",
    "tests/house/test_preserved_names.py",
    "tests/verification/simulation/test_mutants.py",
    "tests/local/stores/test_postgres.py",
    "tests/api/test_any_scenario.py",
    "tests/verification/test_commands.py",
    "tests/projection/test_load.py",
    "tests/infrastructure/cost/test_measured.py",
    "tests/closing/test_sweep.py",
)
"""Files that take long, longest first."""

pytest_plugins = [
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long files first, so that no worker is idle while the other finishes one."""
    order = {path: number for number, path in enumerate(LONG_FILES)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))


def pytest_collection_finish() -> None:
    """Leave the modules, which live to the end, out of garbage collections."""
    gc.collect()
    gc.freeze()
