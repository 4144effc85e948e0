"""The laptop cloud: start, watch and stop its stores, emulator, application and demo users."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from local.demo_users import DEMO_USERS, MERCHANT, create_demo_users
from local.deployment import (
    Deployment,
    configure_canary,
    deploy_application,
    deploy_foundation,
)
from local.emulator import REGION, Emulator, start_emulator
from local.paths import Paths
from local.ports import LOOPBACK, free_port
from local.processes import ParentProcess
from local.read_model import prepare_read_model, rebuild
from local.running import Endpoints, wait_for_earlier_servers, write_endpoints
from local.stores.stores import Stores, start_stores
from local.stores.unprivileged import lasting_folder, unprivileged_user

SECONDS_BETWEEN_CHECKS = 0.25
SECONDS_BEFORE_RESTART = 2.0  # long enough to see what the service does without the store

Report = Callable[[str], None]


@dataclass(frozen=True)
class Cloud:
    """A running laptop cloud."""

    paths: Paths
    stores: Stores
    emulator: Emulator
    deployment: Deployment

    def publish(self) -> None:
        """Write `endpoints.json`; needed again after a store was restarted."""
        write_endpoints(self.paths, _endpoints(self))


@contextmanager
def running_cloud(
    paths: Paths, durable: bool, report: Report, keep: bool = True
) -> Iterator[Cloud]:
    """Start everything, and stop everything at the end or at the first failure.

    `durable` False skips fsync. `report` receives the progress, a line for each step. `keep` False
    removes PostgreSQL's data at the end, which may be outside of `paths`.
    """
    wait_for_earlier_servers(paths)
    paths.endpoints.unlink(missing_ok=True)
    ports = _ports(paths)
    with ExitStack() as cleanup:
        with _step(report, "PostgreSQL and Valkey"):
            stores = start_stores(paths, ports, durable, keep)
            cleanup.callback(stores.stop)
        with _step(report, "the AWS emulator"):
            emulator = start_emulator(paths.emulator, ports["emulator"], paths.endpoints)
            cleanup.callback(emulator.server.stop)
        cloud = Cloud(paths, stores, emulator, _deploy(paths, stores, emulator, report))
        cloud.publish()
        yield cloud


def watch(cloud: Cloud, parent: ParentProcess | None, report: Report) -> int:
    """Restart crashed stores until the parent ends (return 0) or the emulator crashes (return 1).

    SignalReceivedError passes through.
    """
    pause = threading.Event()
    stores = cloud.stores
    while parent is None or not parent.is_ending():
        pause.wait(SECONDS_BETWEEN_CHECKS)
        if not cloud.emulator.server.running():
            report("The AWS emulator has crashed; entries recorded since the start are lost.")
            report(cloud.emulator.server.log_tail())
            return 1
        if not stores.postgres.server.running():
            _restart("PostgreSQL", stores.restart_postgres, pause, report)
            cloud.publish()
        if not stores.valkey.server.running():
            _restart("Valkey", stores.restart_valkey, pause, report)
            cloud.publish()
    return 0


def remove_cloud(paths: Paths) -> None:
    """Remove a stopped cloud with its data."""
    shutil.rmtree(lasting_folder(paths.postgres, unprivileged_user()), ignore_errors=True)
    shutil.rmtree(paths.root, ignore_errors=True)


def _deploy(paths: Paths, stores: Stores, emulator: Emulator, report: Report) -> Deployment:
    with _step(report, "the read model's schema"):
        prepare_read_model(stores.postgres)
    with _step(report, "the stacks: tables, queue, user pool, network, logs"):
        outputs = deploy_foundation(emulator)
    with _step(report, "the application, its alarms and its consolidation"):
        deployment = deploy_application(emulator, outputs, stores.variables(), paths.build)
        configure_canary(emulator, deployment)
    with _step(report, "the demo merchants and users"):
        create_demo_users(emulator, outputs, paths)
    with _step(report, "the read model's rows, from the ledger"):
        rebuild(emulator.endpoint)
    return deployment


@contextmanager
def _step(report: Report, name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    report(f"  {time.monotonic() - started:4.1f} s  {name}")


def _restart(
    name: str, restart: Callable[[], None], pause: threading.Event, report: Report
) -> None:
    report(f"{name} has ended; restarting it in {SECONDS_BEFORE_RESTART:.0f} s.")
    pause.wait(SECONDS_BEFORE_RESTART)
    restart()
    report(f"{name} runs again.")


def _ports(paths: Paths) -> dict[str, int]:
    """Return the ports of the last start, or free ones in their place, and save them."""
    saved = json.loads(paths.ports.read_text()) if paths.ports.exists() else {}
    ports = {name: free_port(saved.get(name)) for name in ("postgres", "valkey", "emulator")}
    paths.ports.write_text(json.dumps(ports))
    return ports


def _endpoints(cloud: Cloud) -> Endpoints:
    outputs = cloud.deployment.outputs
    stores = cloud.stores
    return {
        "base_url": cloud.deployment.base_url,
        "token_url": f"{cloud.emulator.endpoint}/oauth2/token",
        "users": [user.name for user in DEMO_USERS],
        "merchant": MERCHANT,
        "aws_endpoint_url": cloud.emulator.endpoint,
        "region": REGION,
        "user_pool_id": outputs["UserPoolId"],
        "people_client_id": outputs["PeopleClientId"],
        "machine_client_id": outputs["MachineClientId"],
        "variables": cloud.deployment.variables,
        "servers": {
            "postgres": _server(stores.postgres.port, stores.postgres.server.pid),
            "valkey": _server(stores.valkey.port, stores.valkey.server.pid),
            "emulator": _server(cloud.emulator.port, cloud.emulator.server.pid),
        },
    }


def _server(port: int, pid: int) -> dict[str, str | int]:
    return {"host": LOOPBACK, "port": port, "pid": pid}
