"""A separate laptop cloud, whose stores may be killed, and the application in this process."""

import os
from collections.abc import Iterator

import pytest

import app
from chalicelib.runtime.wiring import reset
from local.cloud import Cloud, running_cloud
from local.emulator import ACCESS
from local.paths import Paths
from verification.kit.api_client import ApiClient, in_process, unverified_token


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Real stores, and the emulator that carries the stream to the deployed projector."""
    paths = Paths(tmp_path_factory.mktemp("cloud"))
    # Durable, because a killed PostgreSQL loses what it has not synced to disk.
    with pytest.MonkeyPatch.context() as variables:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            variables.delenv(name)
        for name, text in ACCESS.items():
            variables.setenv(name, text)
        with running_cloud(paths, True, lambda _: None, keep=False) as running:
            for name, text in running.deployment.variables.items():
                variables.setenv(name, text)
            reset()
            yield running
            reset()


@pytest.fixture
def client(cloud: Cloud, merchant: str) -> ApiClient:
    """A client of the application in this process, for a merchant of this test alone."""
    return ApiClient(in_process(app.app), unverified_token(merchant))
