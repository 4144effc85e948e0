"""A laptop cloud of our own, whose stores may be killed, and the application in this process."""

import os
from collections.abc import Iterator

import pytest

from local.cloud import Cloud, running_cloud
from local.emulator import ACCESS
from local.paths import Paths
from tests.web.asking import ApiClient
from tests.web.conftest import reset_process


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Real stores, and the emulator that carries the stream to the deployed projector."""
    paths = Paths(tmp_path_factory.mktemp("cloud"))
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        for name, text in ACCESS.items():
            environment.setenv(name, text)
        # Durable, for a killed PostgreSQL forgets what it has not synced, and it may not.
        with running_cloud(paths, True, lambda _: None, keep=False) as running:
            for name, text in running.deployment.variables.items():
                environment.setenv(name, text)
            reset_process()
            yield running
            reset_process()


@pytest.fixture
def asker(cloud: Cloud, merchant: str) -> ApiClient:
    """Whoever asks the application in this process, for a merchant that nobody else knows."""
    return ApiClient(merchant)
