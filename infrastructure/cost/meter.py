"""A meter on the real code: which calls it makes, the units they take, and its own CPU time.

AWS is emulated inside the process (moto), and its time is not counted; PostgreSQL is real and runs
in processes of its own.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infrastructure.cost.capacity import TRANSACTION, read_units, write_units


@dataclass
class Reading:
    """What the meter counted: AWS calls by name, DynamoDB's units, statements, and CPU seconds."""

    calls: Counter[str] = field(default_factory=Counter)
    write_units: float = 0.0
    read_units: float = 0.0
    statements: int = 0
    cpu_seconds: float = 0.0
    log_bytes: int = 0


class Meter:
    """Counts into the reading that is open."""

    def __init__(self) -> None:
        self._reading = Reading()
        self._emulating = 0.0

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Count what happens inside."""
        self._reading, self._emulating = Reading(), 0.0
        started = time.process_time()
        yield self._reading
        counted, self._reading = self._reading, Reading()  # what comes after counts for nobody
        counted.cpu_seconds = time.process_time() - started - self._emulating

    def attach(self, clients: Any, session_class: Any) -> None:
        """Listen to the clients that the application makes, and to its database sessions."""
        events = clients._session().events
        events.register("provide-client-params.*.*", self._called)
        events.register("after-call.dynamodb.*", self._answered)
        self._listen_to_statements(session_class)

    def emulate(self, stubber: Callable[..., Any]) -> Callable[..., Any]:
        """Return an emulation whose own time is not counted."""

        def emulated(**words: Any) -> Any:
            started = time.process_time()
            try:
                return stubber(**words)
            finally:
                self._emulating += time.process_time() - started

        return emulated

    def _called(self, params: Any, model: Any, **_: Any) -> None:
        self._reading.calls[f"{model.service_model.service_id.hyphenize()}:{model.name}"] += 1
        if model.name == "PutItem":
            self._reading.write_units += write_units(params["Item"])
        if model.name == "TransactWriteItems":
            puts = [
                transactitem["Put"]["Item"]
                for transactitem in params["TransactItems"]
                if "Put" in transactitem
            ]
            # An update writes an item that is about as long as the ones put beside it.
            units = sum(map(write_units, puts)) * len(params["TransactItems"]) / len(puts)
            self._reading.write_units += TRANSACTION * units

    def _answered(self, parsed: Any, model: Any, **_: Any) -> None:
        one = [parsed["Item"]] if "Item" in parsed else []
        several = [item for result in parsed.get("Responses", {}).values() for item in result]
        items = [*parsed.get("Items", ()), *one, *several]
        if model.name in {"Query", "Scan"}:
            self._reading.read_units += read_units(items, consistent=False, together=True)
        if model.name in {"GetItem", "BatchGetItem"}:
            self._reading.read_units += read_units(items, consistent=True, together=False)

    def _listen_to_statements(self, session_class: Any) -> None:
        rows = session_class.rows

        def counted(session: Any, statement: str, **values: Any) -> Any:
            self._reading.statements += 1
            return rows(session, statement, **values)

        session_class.rows = counted
