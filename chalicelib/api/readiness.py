"""Whether each dependency answers now: all asked at once, none waited for long."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from chalicelib.runtime import clients, settings

PATIENCE_SECONDS = 1.5
READER = "livro_reader"
LEDGER = "dynamodb"
_NO_ENTRY = "readiness"

Probe = Callable[[], object]


def dependencies() -> dict[str, bool]:
    """Return, by name, whether each dependency of this deployment answers within 1.5 s."""
    probes: dict[str, Probe] = {LEDGER: _ask_ledger, "postgresql": _ask_read_model}
    if settings.current().redis is not None:
        probes["redis"] = _ask_fast_memory
    return answering(probes, PATIENCE_SECONDS)


def answering(probes: Mapping[str, Probe], patience: float) -> dict[str, bool]:
    """Run all probes side by side; say of each whether it returned within `patience` seconds."""
    pool = ThreadPoolExecutor(len(probes))
    request: dict[str, Future[object]] = {name: pool.submit(ask) for name, ask in probes.items()}
    wait(request.values(), timeout=patience)
    # A frozen store is left to its own time-outs.
    pool.shutdown(wait=False, cancel_futures=True)
    return {name: future.done() and not future.exception() for name, future in request.items()}


def _ask_ledger() -> object:
    key = {"entry_id": {"S": _NO_ENTRY}}
    return clients.aws("dynamodb").get_item(TableName=settings.current().entries_table, Key=key)


def _ask_read_model() -> object:
    connection = clients.database(READER)
    try:
        return connection.run("SELECT 1")
    finally:
        connection.close()


def _ask_fast_memory() -> object:
    memory = clients.fast_memory()
    return memory.ping() if memory else None
