"""Whether each data store responds now: all are checked in parallel, within 1.5 s."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from chalicelib.queries import wiring
from chalicelib.runtime import clients, settings

TIMEOUT_SECONDS = 1.5
LEDGER = "dynamodb"
_NO_ENTRY = "readiness"

Probe = Callable[[], object]


def dependencies() -> dict[str, bool]:
    """Return, by name, whether each data store of this deployment responds within 1.5 s."""
    # The read model over the connections of requests: a route without a token opens no others.
    read_model = wiring.read_model()
    probes: dict[str, Probe] = {LEDGER: _probe_ledger, "postgresql": read_model.check}
    if settings.current().redis is not None:
        probes["redis"] = _probe_redis
    return responding(probes, TIMEOUT_SECONDS)


def responding(probes: Mapping[str, Probe], timeout: float) -> dict[str, bool]:
    """Run all probes in parallel; return whether each returned within `timeout` seconds."""
    pool = ThreadPoolExecutor(len(probes))
    running: dict[str, Future[object]] = {name: pool.submit(run) for name, run in probes.items()}
    wait(running.values(), timeout=timeout)
    # A probe of a frozen store is left to the timeouts of its client.
    pool.shutdown(wait=False, cancel_futures=True)
    return {name: future.done() and not future.exception() for name, future in running.items()}


def _probe_ledger() -> object:
    key = {"entry_id": {"S": _NO_ENTRY}}
    return clients.aws("dynamodb").get_item(TableName=settings.current().entries_table, Key=key)


def _probe_redis() -> object:
    redis = clients.redis()
    return redis.ping() if redis else None
