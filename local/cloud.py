"""The laptop cloud as a whole: stores, emulator, application and demo people, up and down."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from local.demo_users import MERCHANT, PEOPLE, welcome_people
from local.deployment import (
    Deployed,
    deploy_application,
    introduce_canary,
    stand_up,
)
from local.emulator import REGION, Emulator, start_emulator
from local.endpoints import Endpoints, write_endpoints
from local.paths import Places
from local.ports import LOOPBACK, free_port
from local.read_model import prepare_read_model, rebuild
from local.running import wait_for_an_earlier_one
from local.stores.stores import Stores, start_stores
from local.stores.unprivileged import lasting_folder, unprivileged_user

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Cloud:
    """A running laptop cloud."""

    places: Places
    stores: Stores
    emulator: Emulator
    deployed: Deployed

    def publish(self) -> None:
        """Write `endpoints.json`; again after a store was restarted."""
        write_endpoints(self.places, _endpoints(self))


@contextmanager
def running_cloud(places: Places, durable: bool, tell: Tell, keep: bool = True) -> Iterator[Cloud]:
    """Start everything, and stop everything at the end or at the first failure.

    `durable` False forgoes fsync. `tell` hears the progress, a sentence a step. `keep` False has
    PostgreSQL's data removed at the end, which may lie outside of `places`.
    """
    wait_for_an_earlier_one(places)
    places.endpoints.unlink(missing_ok=True)
    ports = _ports(places)
    with ExitStack() as at_the_end:
        with _step(tell, "PostgreSQL and Valkey"):
            stores = start_stores(places, ports, durable, keep)
            at_the_end.callback(stores.stop)
        with _step(tell, "the AWS emulator"):
            emulator = start_emulator(places.emulator, ports["emulator"], places.endpoints)
            at_the_end.callback(emulator.server.stop)
        deployed = _deploy(places, stores, emulator, tell)
        cloud = Cloud(places, stores, emulator, deployed)
        cloud.publish()
        yield cloud


def remove_cloud(places: Places) -> None:
    """Remove a stopped cloud with its data."""
    shutil.rmtree(lasting_folder(places.postgres, unprivileged_user()), ignore_errors=True)
    shutil.rmtree(places.root, ignore_errors=True)


def _deploy(places: Places, stores: Stores, emulator: Emulator, tell: Tell) -> Deployed:
    with _step(tell, "the read model's schema"):
        prepare_read_model(stores.postgres)
    with _step(tell, "the stacks: tables, queue, user pool, network, logs"):
        outputs = stand_up(emulator)
    with _step(tell, "the application: packaged and deployed, with its alarms and its night"):
        deployed = deploy_application(emulator, outputs, stores.variables(), places.build)
        introduce_canary(emulator, deployed)
    with _step(tell, "demo merchants and users"):
        welcome_people(emulator, outputs, places)
    with _step(tell, "the read model's content, from the ledger"):
        rebuild(emulator.endpoint)
    return deployed


@contextmanager
def _step(tell: Tell, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    tell(f"  {time.monotonic() - started:4.1f} s  {what}")


def _ports(places: Places) -> dict[str, int]:
    """Answer the ports of the last start where they are free; remember those taken now."""
    before = json.loads(places.ports.read_text()) if places.ports.exists() else {}
    names = ("postgres", "valkey", "emulator")
    ports = {name: free_port(before.get(name)) for name in names}
    places.ports.write_text(json.dumps(ports))
    return ports


def _endpoints(cloud: Cloud) -> Endpoints:
    outputs = cloud.deployed.outputs
    stores = cloud.stores
    return {
        "base_url": cloud.deployed.base_url,
        "token_url": f"{cloud.emulator.endpoint}/oauth2/token",
        "users": [person.name for person in PEOPLE],
        "merchant": MERCHANT,
        "aws_endpoint_url": cloud.emulator.endpoint,
        "region": REGION,
        "user_pool_id": outputs["UserPoolId"],
        "people_client_id": outputs["PeopleClientId"],
        "machine_client_id": outputs["MachineClientId"],
        "variables": cloud.deployed.variables,
        "servers": {
            "postgres": _server(stores.postgres.port, stores.postgres.server.pid),
            "valkey": _server(stores.valkey.port, stores.valkey.server.pid),
            "emulator": _server(cloud.emulator.port, cloud.emulator.server.pid),
        },
    }


def _server(port: int, pid: int) -> dict[str, str | int]:
    return {"host": LOOPBACK, "port": port, "pid": pid}
