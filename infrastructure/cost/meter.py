"""A meter on the real code: its calls to AWS, their capacity units, and its CPU time.

AWS is emulated in the process (moto), whose time is not counted. PostgreSQL runs in processes that
the meter does not see.
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
    """The meter's counts: AWS calls by name, DynamoDB's units, SQL statements and CPU seconds."""

    calls: Counter[str] = field(default_factory=Counter)
    write_units: float = 0.0
    read_units: float = 0.0
    statements: int = 0
    cpu_seconds: float = 0.0
    log_bytes: int = 0


class Meter:
    """Counts into the reading that is open, if any."""

    def __init__(self) -> None:
        self._reading = Reading()
        self._emulating = 0.0

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Count within a `with` block."""
        self._reading, self._emulating = Reading(), 0.0
        started = time.process_time()
        yield self._reading
        ended, self._reading = self._reading, Reading()  # later calls are not counted
        ended.cpu_seconds = time.process_time() - started - self._emulating

    def attach(self, clients: Any, session_class: Any) -> None:
        """Count the calls of the application's AWS clients and its database sessions."""
        session = clients._session()
        session.register("provide-client-params.*.*", self._count_call)
        session.register("after-call.dynamodb.*", self._count_response)
        rows = session_class.rows

        def counted(session: Any, statement: str, **values: Any) -> Any:
            self._reading.statements += 1
            return rows(session, statement, **values)

        session_class.rows = counted

    def emulate(self, stubber: Callable[..., Any]) -> Callable[..., Any]:
        """Return an emulation whose time is not counted."""

        def emulated(**params: Any) -> Any:
            started = time.process_time()
            try:
                return stubber(**params)
            finally:
                self._emulating += time.process_time() - started

        return emulated

    def _count_call(self, params: Any, model: Any, **_: Any) -> None:
        self._reading.calls[f"{model.service_model.service_id.hyphenize()}:{model.name}"] += 1
        if model.name == "PutItem":
            self._reading.write_units += write_units(params["Item"])
        if model.name == "UpdateItem":
            self._reading.write_units += 1  # what is updated alone is short
        if model.name == "BatchWriteItem":
            parts = [part for table in params["RequestItems"].values() for part in table]
            puts = [part["PutRequest"]["Item"] for part in parts if "PutRequest" in part]
            self._reading.write_units += sum(map(write_units, puts))
        if model.name == "TransactWriteItems":
            puts = [part["Put"]["Item"] for part in params["TransactItems"] if "Put" in part]
            # An update is assumed to write an item as long as those of the puts.
            units = sum(map(write_units, puts)) * len(params["TransactItems"]) / len(puts)
            self._reading.write_units += TRANSACTION * units

    def _count_response(self, parsed: Any, model: Any, **_: Any) -> None:
        item = [parsed["Item"]] if "Item" in parsed else []
        batch = [item for table in parsed.get("Responses", {}).values() for item in table]
        items = [*parsed.get("Items", ()), *item, *batch]
        if model.name in {"Query", "Scan"}:
            self._reading.read_units += read_units(items, consistent=False, as_page=True)
        if model.name in {"GetItem", "BatchGetItem"}:
            self._reading.read_units += read_units(items, consistent=True, as_page=False)
