"""The shared fixtures: real stores and the laptop cloud, started at their first use."""

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
    "tests.fixtures.state_machine",
    "tests.fixtures.night",
]
